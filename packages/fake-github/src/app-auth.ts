import { randomBytes, verify } from 'node:crypto';
import { badCredentials, Refusal, suspended } from './refusal.ts';
import type { Installation, Token, World } from './state.ts';

export type Caller =
  | { readonly kind: 'app' }
  | { readonly kind: 'installation'; readonly token: Token; readonly key: string };

const tokenLifeMs = 3_600_000;
const jwtLifeSeconds = 600;

/** Who sends the request: the App by its JWT, an installation by its token, or nobody (undefined). */
export function authenticate(world: World, header: string | undefined): Caller | undefined {
  if (header === undefined) return undefined;
  const credential = /^(?:bearer|token)\s+(\S+)$/i.exec(header)?.[1];
  if (credential === undefined) throw badCredentials();
  if (credential.split('.').length === 3) {
    checkJwt(world, credential);
    return { kind: 'app' };
  }
  const token = world.tokens.get(credential);
  if (token === undefined || token.expiresAt <= world.now()) throw badCredentials();
  if (token.installation.suspendedAt) throw suspended();
  return { kind: 'installation', token, key: credential };
}

/** Ends all tokens, or those of one installation: whoever uses one gets a 401. */
export function revokeTokens(world: World, installation?: Installation): void {
  for (const [key, token] of world.tokens) {
    if (installation === undefined || token.installation === installation) world.tokens.delete(key);
  }
}

export function issueToken(
  world: World,
  installation: Installation,
  limits: Pick<Token, 'permissions' | 'repositories'>,
): Caller & { kind: 'installation' } {
  const key = `ghs_${randomBytes(18).toString('hex')}`;
  const token = { installation, expiresAt: new Date(world.now().getTime() + tokenLifeMs), ...limits };
  world.tokens.set(key, token);
  return { kind: 'installation', token, key };
}

/** The messages are GitHub's: Octokit recognises two of them, and tries again with the server's clock. */
function checkJwt(world: World, jwt: string): void {
  const [head = '', body = '', signature = ''] = jwt.split('.');
  const header = decode(head);
  const claims = decode(body);
  const signed = Buffer.from(`${head}.${body}`);
  if (
    header['alg'] !== 'RS256' ||
    !verify('RSA-SHA256', signed, world.app.publicKey, Buffer.from(signature, 'base64url'))
  ) {
    throw new Refusal(401, 'A JSON web token could not be decoded');
  }
  const now = Math.floor(world.now().getTime() / 1000);
  const { iss, iat, exp } = claims;
  const { app } = world;
  if (String(iss) !== String(app.id) && iss !== app.clientId) throw new Refusal(401, 'Integration not found');
  if (!Number.isInteger(iat) || (iat as number) > now) {
    throw new Refusal(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  if (!Number.isInteger(exp) || (exp as number) <= now) {
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if ((exp as number) > now + jwtLifeSeconds) {
    throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
  }
}

function decode(part: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(Buffer.from(part, 'base64url').toString())) as Record<string, unknown>;
  } catch {
    throw new Refusal(401, 'A JSON web token could not be decoded');
  }
}
