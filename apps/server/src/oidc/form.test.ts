import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { looksLikeJwt, readUnchecked } from './form.ts';

const encode = (part: unknown) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
const token = (head: unknown, claims: unknown = { iss: 'https://issuer.example' }, signature = 'c2ln') =>
  `${encode(head)}.${encode(claims)}.${signature}`;

test('a JWT is told from a token of ours by its dots', () => {
  expect(looksLikeJwt(token({ alg: 'RS256' }))).toBe(true);
  expect(looksLikeJwt('a.b.')).toBe(true);
  for (const other of [`eph_${'A'.repeat(43)}`, 'password', 'a.b', 'a.b.c.d', 'a.b.c.d.e', ''])
    expect(looksLikeJwt(other)).toBe(false);
});

test.each(['RS256', 'ES256'])('%s is read, with the issuer that it claims', (alg) => {
  expect(readUnchecked(token({ alg, kid: 'k' }))).toEqual({ issuer: 'https://issuer.example' });
});

test.each([
  ['none', 'none'],
  ['HS256', 'HS256'],
  ['HS512', 'HS512'],
  ['RS512', 'RS512'],
  ['PS256', 'PS256'],
  ['EdDSA', 'EdDSA'],
  ['NONE', 'an algorithm of another name'],
  ['rs256', 'an algorithm of another name'],
  ['SECRET-of-somebody', 'an algorithm of another name'],
  [undefined, 'an algorithm of another name'],
  [['RS256'], 'an algorithm of another name'],
  [null, 'an algorithm of another name'],
])('the algorithm %j is refused, and only a known name is repeated', (alg, named) => {
  for (const signature of ['c2ln', '']) {
    expect(() => readUnchecked(token({ alg, kid: 'k' }, {}, signature))).toThrow(
      expect.objectContaining({
        code: 'oidc.algorithm',
        message: `Tokens that are signed with ${named} are not taken.`,
      }) as Error,
    );
  }
});

const head = { alg: 'RS256', kid: 'k' };

test.each([
  ['is too long', token(head, { iss: 'x'.repeat(8 * 1024) }), 'longer than 8 KiB'],
  ['is not base64url', 'a+b.c/d.e=', 'not three parts of base64url'],
  ['has an empty part', `..${encode('s')}`, 'not three parts of base64url'],
  ['has a header that is no JSON', token('{'), 'header is no JSON object'],
  ['has a header that is a list', token([]), 'header is no JSON object'],
  ['names no key', token({ alg: 'RS256' }), 'names no key'],
  ['names an endless key', token({ alg: 'RS256', kid: 'k'.repeat(201) }), 'names no key'],
  ['has no signature', token(head, {}, ''), 'no signature'],
  ['has claims that are no JSON', token(head, 'secret words'), 'claims are no JSON object'],
  ['has claims that are null', token(head, null), 'claims are no JSON object'],
])('a token that %s cannot be read, and nothing of it is repeated', (_what, text, problem) => {
  const error = thrownBy(() => readUnchecked(text));
  expect(error).toMatchObject({ code: 'oidc.malformed', message: expect.stringContaining(problem) as string });
  // With its cause, as a log would show it.
  expect(inspect(error)).not.toContain('secret');
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
