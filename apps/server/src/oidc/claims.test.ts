import { expect, test } from 'vitest';
import { checkClaims } from './claims.ts';

const second = 1_800_000_000;
const at = (offset: number) => new Date((second + offset) * 1000);
const issuer = 'https://token.actions.githubusercontent.com';
const audience = 'https://ephemera.example';

/** As GitHub makes them, at `second`. */
const usual = {
  iss: issuer,
  aud: audience,
  sub: 'repo:acme/shop:ref:refs/heads/main',
  jti: '2b3d5d6e-1f7b-4b8e-9a51-3f1a60d7a8a1',
  repository: 'acme/shop',
  repository_id: '42',
  repository_owner: 'acme',
  repository_owner_id: '7',
  run_id: '4242424242',
  event_name: 'pull_request',
  actor: 'octocat',
  nbf: second - 600,
  iat: second,
  exp: second + 300,
};

const check = (change: object = {}, now = at(1)) => checkClaims({ ...usual, ...change }, { issuer, audience, now });
const codeOf = (change: object, now?: Date) => {
  try {
    check(change, now);
    return 'fine';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('the claims of GitHub say whose workflow it is, by ids', () => {
  expect(check()).toEqual({
    repository: { id: 42, fullName: 'acme/shop' },
    ownerId: 7,
    runId: 4_242_424_242,
    event: 'pull_request',
    actor: 'octocat',
    jti: usual.jti,
    expiresAt: at(360),
  });
});

test.each([undefined, 'repo:globex/other:ref:refs/heads/main', 'repo:acme@7/shop@42:pull_request', { any: 'thing' }])(
  'a subject of %j changes nothing: every organisation may give it another form',
  (sub) => {
    expect(check({ sub })).toEqual(check());
  },
);

test.each(['push', 'pull_request', 'pull_request_target', 'workflow_dispatch'])(
  'a run by %s is taken as any other, as nothing in a token tells a fork',
  (event_name) => {
    expect(check({ event_name }).event).toBe(event_name);
  },
);

test.each([
  // what                              claims                          offset  code
  ['just made', {}, 0, 'fine'],
  ['one second before its end', {}, 299, 'fine'],
  ['60 s after its end, less a moment', {}, 359.9, 'fine'],
  ['60 s after its end', {}, 360, 'oidc.expired'],
  ['61 s after its end', {}, 361, 'oidc.expired'],
  ['made 60 s from now', {}, -60, 'fine'],
  ['made 61 s from now', {}, -61, 'oidc.not_yet_valid'],
  ['good from 60 s from now on', { nbf: second + 60 }, 0, 'fine'],
  ['good from 61 s from now on', { nbf: second + 61 }, 0, 'oidc.not_yet_valid'],
  ['without a beginning', { nbf: undefined }, 0, 'fine'],
  ['good for a day, after 16 minutes', { exp: second + 86_400 }, 960, 'fine'],
  ['good for a day, after 16 minutes and a second', { exp: second + 86_400 }, 961, 'oidc.too_old'],
  ['good for ever, after a year', { exp: Number.MAX_SAFE_INTEGER }, 31_536_000, 'oidc.too_old'],
])('a token that is %s: %j at %d s is %s', (_what, change, offset, code) => {
  expect(codeOf(change, at(offset))).toBe(code);
});

test('a token that says that it is good for long is used up when it is too old', () => {
  expect(check({ exp: second + 86_400 }).expiresAt).toEqual(at(960));
});

test.each([
  ['of another issuer', { iss: 'https://evil.example' }, 'oidc.issuer'],
  ['of the issuer with a slash more', { iss: `${issuer}/` }, 'oidc.issuer'],
  ['of no issuer', { iss: undefined }, 'oidc.issuer'],
  ['for another audience', { aud: 'https://github.com/acme' }, 'oidc.audience'],
  ['for no audience', { aud: undefined }, 'oidc.audience'],
  ['for an empty list', { aud: [] }, 'oidc.audience'],
  ['for others as well', { aud: [audience, 'https://other.example'] }, 'oidc.audience'],
  ['for the audience in a list', { aud: [audience] }, 'fine'],
])('a token %s is %j → %s', (_what, change, code) => {
  expect(codeOf(change)).toBe(code);
});

test.each([
  ['jti', [undefined, '', 'with space', 'x'.repeat(201), 7]],
  ['iat', [undefined, 'soon', 1.5, -1, Number.NaN]],
  ['nbf', ['soon', null]],
  ['exp', [undefined, 'never', Infinity]],
  ['repository', [undefined, 'shop', 'acme/shop/more', 'acme/sh\u001Bop', '/', `${'a'.repeat(101)}/shop`]],
  ['repository_id', [undefined, 42, '', '0', '-1', '042', '4.2', '4e2', 'acme/shop', '1'.repeat(16)]],
  ['repository_owner_id', [undefined, 7, '', 'acme']],
  ['run_id', [undefined, 'run', '1 or 1=1']],
])('a token whose %s is missing or of another form is refused by its name, never with its value', (claim, values) => {
  for (const value of values) {
    expect(() => check({ [claim]: value })).toThrow(
      expect.objectContaining({
        code: 'oidc.claim_missing',
        message: `The token says no ${claim} as GitHub’s do.`,
        details: { claim },
      }) as Error,
    );
  }
});

test.each([undefined, '', 'two words', 'o\u001B[2J', 7])(
  'an event and an actor of %j are not repeated, and refuse nobody',
  (text) => {
    const { event, actor, ...run } = check({ event_name: text, actor: text });
    expect([event, actor]).toEqual([undefined, undefined]);
    expect(run).toMatchObject({ runId: 4_242_424_242 });
  },
);

test('a bot may set a workflow going', () => {
  expect(check({ actor: 'dependabot[bot]' }).actor).toBe('dependabot[bot]');
});
