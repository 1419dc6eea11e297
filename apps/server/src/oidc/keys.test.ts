import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startFakeGitHub, type FakeGitHub, type FakeWorkflowRun } from '@ephemera/fake-github';
import { compactVerify } from 'jose';
import { expect, test as base, vi } from 'vitest';
import { createIssuerKeys } from './keys.ts';

const minute = 60_000;
const keysPath = '/oidc/.well-known/jwks';

interface Fixture {
  fake: FakeGitHub;
  run: FakeWorkflowRun;
  clock: { now: number };
  /** Checks a signature with the keys under test, whose issuer is the fake. */
  check: (token: string) => Promise<'good'>;
  /** How often the issuer was asked for its keys. */
  asked: () => number;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  fake: async ({}, use) => {
    await using fake = await startFakeGitHub();
    await use(fake);
  },
  run: async ({ fake }, use) => {
    await use((await fake.repository({ owner: 'acme', name: 'shop' })).run());
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  clock: async ({}, use) => {
    await use({ now: 0 });
  },
  check: async ({ fake, clock }, use) => {
    const keys = createIssuerKeys({ issuer: fake.settings.OIDC_ISSUER, now: () => clock.now });
    await use(async (token) => {
      await compactVerify(token, keys);
      return 'good';
    });
  },
  asked: async ({ fake }, use) => {
    await use(() => fake.requests().find(({ route }) => route === keysPath)?.count ?? 0);
  },
});

/** A token of the issuer that names a key of its own invention. */
function strange(token: string, number: number): string {
  const [, claims, signature] = token.split('.');
  const head = { alg: 'RS256', kid: `invented-${number}` };
  return `${Buffer.from(JSON.stringify(head)).toString('base64url')}.${claims}.${signature}`;
}

const codeOf = (error: unknown) => (error as { readonly code?: string }).code;

const away = { code: 'oidc.keys_unavailable', retryable: true };

test('keys are asked for once, by whoever comes first, for all who come', async ({ run, check, asked }) => {
  const token = await run.idToken();
  await Promise.all(Array.from({ length: 20 }, () => check(token)));
  await check(token);
  expect(asked()).toBe(1);
});

test('whatever keys tokens name, the issuer is asked every half minute at most', async ({
  run,
  check,
  asked,
  clock,
}) => {
  const token = await run.idToken();
  const flood = async () =>
    Promise.all(Array.from({ length: 50 }, (_, number) => check(strange(token, number)).catch(codeOf)));
  expect(new Set(await flood())).toEqual(new Set(['oidc.key_unknown']));
  expect(asked()).toBe(1);
  clock.now = 29_999;
  await flood();
  expect(asked()).toBe(1);
  clock.now = 30_000;
  await flood();
  expect(asked()).toBe(2);
  expect(await check(token)).toBe('good');
});

test('a new key is known half a minute after the last answer at the latest, and the old one as long as it is published', async ({
  fake,
  run,
  check,
  clock,
}) => {
  const first = await run.idToken();
  await check(first);
  await fake.rotateKeys();
  const second = await run.idToken();
  await expect(check(second)).rejects.toMatchObject({ code: 'oidc.key_unknown' });
  clock.now = 30_000;
  expect(await check(second)).toBe('good');
  expect(await check(first)).toBe('good');
});

test('a key that is withdrawn is refused ten minutes later', async ({ fake, run, check, asked, clock }) => {
  const token = await run.idToken();
  await check(token);
  await fake.rotateKeys({ forget: true });
  clock.now = 10 * minute;
  // The answer of before serves once more, while the issuer is asked beside it.
  expect(await check(token)).toBe('good');
  await expect.poll(asked, { timeout: 10_000 }).toBe(2);
  await vi.waitFor(() => expect(check(token)).rejects.toMatchObject({ code: 'oidc.key_unknown' }), { timeout: 10_000 });
});

test('while the issuer is away known keys are good for an hour, unknown ones are not decided, and it is left alone between tries', async ({
  fake,
  run,
  check,
  asked,
  clock,
}) => {
  const token = await run.idToken();
  await check(token);
  fake.faults([{ match: { path: keysPath }, fault: { status: 503 } }]);
  clock.now = 30_000;
  const codes = await Promise.all(
    Array.from({ length: 20 }, (_, number) => check(strange(token, number)).catch((error: unknown) => error)),
  );
  for (const error of codes)
    expect(error).toMatchObject({ ...away, message: expect.stringContaining('503') as string });
  expect(asked()).toBe(2);
  clock.now = 34_999;
  await expect(check(strange(token, 1))).rejects.toMatchObject(away);
  expect(asked()).toBe(2);
  clock.now = 60 * minute - 1;
  expect(await check(token)).toBe('good');
  await expect.poll(asked, { timeout: 10_000 }).toBe(3);
  clock.now = 60 * minute + 5_000;
  await expect(check(token)).rejects.toMatchObject(away);
  fake.clearFaults();
  clock.now += 4_999;
  await expect(check(token)).rejects.toMatchObject(away);
  clock.now += 1;
  expect(await check(token)).toBe('good');
});

test('an issuer that is slow is given up on, for all who wait, after one try', async ({ fake, run, asked, clock }) => {
  const token = await run.idToken();
  const issuer = fake.settings.OIDC_ISSUER;
  const keys = createIssuerKeys({ issuer, timeoutMs: 2_000, now: () => clock.now });
  const check = () => compactVerify(token, keys);
  fake.faults([{ match: { path: keysPath }, fault: { delayMs: 600_000 }, times: 1 }]);
  const waiting = await Promise.all(Array.from({ length: 10 }, () => check().catch((error: unknown) => error)));
  for (const error of waiting)
    expect(error).toMatchObject({ ...away, message: expect.stringContaining('it took too long') as string });
  expect(fake.faultsInForce()).toMatchObject([{ struck: 1 }]);
  clock.now = 5_000;
  expect((await check()).protectedHeader.alg).toBe('RS256');
  expect(asked()).toBe(1);
});

test.each([
  ['is no JSON', { status: 200, body: '<html>' }, 'its answer is not JSON'],
  ['is no set of keys', { status: 200, body: { keys: 'many' } }, 'malformed'],
  ['leads elsewhere', { status: 302, headers: { location: 'http://127.0.0.1:1/keys' } }, 'redirect'],
  ['breaks off', { reset: true as const }, ''],
])('an answer that %s is no answer', async (_what, fault, problem) => {
  await using fake = await startFakeGitHub();
  const token = await (await fake.repository({ owner: 'acme', name: 'shop' })).run().idToken();
  const keys = createIssuerKeys({ issuer: fake.settings.OIDC_ISSUER });
  fake.faults([{ match: { path: keysPath }, fault }]);
  await expect(compactVerify(token, keys)).rejects.toMatchObject({
    ...away,
    message: expect.stringContaining(problem) as string,
  });
});

test('an issuer that cannot be reached is named, with the reason', async ({ run }) => {
  const issuer = 'http://127.0.0.1:1';
  const told = vi.fn<(error: Error) => void>();
  const keys = createIssuerKeys({ issuer, onFailure: told });
  await expect(compactVerify(await run.idToken(), keys)).rejects.toMatchObject({ ...away, details: { issuer } });
  expect(told).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(away));
});

test('an answer without an end is not read to its end', async ({ run }) => {
  let sent = 0;
  const endless = createServer((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write(' '.repeat(16_384))) sent += 16_384;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
  try {
    const keys = createIssuerKeys({ issuer: `http://127.0.0.1:${(endless.address() as AddressInfo).port}` });
    await expect(compactVerify(await run.idToken(), keys)).rejects.toMatchObject({
      ...away,
      message: expect.stringContaining('longer than 256 KiB') as string,
    });
    expect(sent).toBeGreaterThan(0);
  } finally {
    endless.closeAllConnections();
    await new Promise((resolve) => endless.close(resolve));
  }
});
