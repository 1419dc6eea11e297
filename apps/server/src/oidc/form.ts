import { OidcAlgorithm, OidcMalformed } from './errors.ts';

/** GitHub's tokens have some 2 KB. What is longer is not worth a look at its signature. */
const mostBytes = 8 * 1024;
const threeParts = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const mostKeyIdCharacters = 200;

/** Those that a public key checks and that an issuer may use here. */
export const algorithms = ['RS256', 'ES256'] as const;

/** Whose names an error may repeat: anything else could be any text. */
const namedAlgorithms: readonly unknown[] = [
  'none',
  ...['HS', 'RS', 'PS', 'ES'].flatMap((family) => ['256', '384', '512'].map((bits) => `${family}${bits}`)),
  'EdDSA',
  'Ed25519',
];

/** What a token says of itself before anybody has checked its signature: good for refusing it, and for nothing else. */
export interface UncheckedToken {
  readonly issuer: unknown;
}

/** Whether a bearer credential has the form of a JWT: three parts with dots between. A token of ours has no dot. Pure. */
export function looksLikeJwt(text: string): boolean {
  return text.split('.', 4).length === 3;
}

/** Throws `oidc.malformed` or `oidc.algorithm`; costs next to nothing. Pure. */
export function readUnchecked(token: string): UncheckedToken {
  if (Buffer.byteLength(token) > mostBytes) throw new OidcMalformed({ problem: 'it is longer than 8 KiB' });
  if (!threeParts.test(token)) throw new OidcMalformed({ problem: 'it is not three parts of base64url' });
  const [head = '', body = '', signature = ''] = token.split('.');
  const { alg, kid } = jsonObject(head, 'its header is no JSON object');
  if (!(algorithms as readonly unknown[]).includes(alg)) {
    throw new OidcAlgorithm({
      algorithm: namedAlgorithms.includes(alg) ? String(alg) : 'an algorithm of another name',
    });
  }
  if (typeof kid !== 'string' || kid === '' || kid.length > mostKeyIdCharacters)
    throw new OidcMalformed({ problem: 'its header names no key' });
  if (signature === '') throw new OidcMalformed({ problem: 'it has no signature' });
  return { issuer: jsonObject(body, 'its claims are no JSON object')['iss'] };
}

function jsonObject(part: string, problem: string): Readonly<Record<string, unknown>> {
  return parseObject(Buffer.from(part, 'base64url').toString(), problem);
}

/** Throws `oidc.malformed` with the problem. Pure. */
export function parseObject(text: string, problem: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without a cause: a parser's error repeats the text.
    throw new OidcMalformed({ problem });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new OidcMalformed({ problem });
  return value as Readonly<Record<string, unknown>>;
}
