import { compactVerify, errors, type CompactVerifyGetKey } from 'jose';
import { EphemeraError } from '@ephemera/model';
import { checkClaims, type Expected, type WorkflowRun } from './claims.ts';
import { OidcIssuer, OidcMalformed, OidcSignature } from './errors.ts';
import { algorithms, parseObject, readUnchecked } from './form.ts';

/**
 * Whose workflow sends this token. What is cheap comes first: only for a token of a fitting form and issuer are keys asked for and a
 * signature is checked. Throws the errors of `errors.ts`.
 */
export async function verifyToken(
  token: string,
  { keys, ...expected }: Expected & { readonly keys: CompactVerifyGetKey },
): Promise<WorkflowRun> {
  const { issuer } = readUnchecked(token);
  // Said already here, as another issuer's keys would be reported as unknown.
  if (issuer !== expected.issuer) throw new OidcIssuer({ issuer: expected.issuer });
  const payload = await checkedPayload(token, keys);
  return checkClaims(parseObject(Buffer.from(payload).toString(), 'its claims are no JSON object'), expected);
}

async function checkedPayload(token: string, keys: CompactVerifyGetKey): Promise<Uint8Array> {
  try {
    return (await compactVerify(token, keys, { algorithms: [...algorithms] })).payload;
  } catch (thrown) {
    if (thrown instanceof EphemeraError) throw thrown;
    if (thrown instanceof errors.JWSSignatureVerificationFailed) throw new OidcSignature({});
    if (thrown instanceof errors.JOSEError)
      throw new OidcMalformed({ problem: 'its header asks for what is not done here' });
    throw thrown;
  }
}
