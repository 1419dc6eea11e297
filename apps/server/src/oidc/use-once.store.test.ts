import { createHash, randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { sql } from 'kysely';
import { expect, test as base } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { answerError } from '../http-errors.ts';
import type { Database } from '../store/database.ts';
import { anyToken } from '../tokens/access.ts';
import { authorize, callerOfRequest } from '../tokens/authorize.ts';
import type { Caller } from '../tokens/caller.ts';
import { useOnce } from './use-once.ts';

const issuer = 'https://issuer.example';
const purposeOf = (text: string) => createHash('sha256').update(text).digest();
const inFiveMinutes = () => new Date(Date.now() + 300_000);
const tokenOf = (jti: string = randomUUID(), expiresAt = inFiveMinutes()) => ({ once: { issuer, jti, expiresAt } });
const replayed = { code: 'oidc.replayed', retryable: false };

const test = base.extend<{ db: Database }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
});

const uses = async (db: Database) => db.selectFrom('oidcUses').selectAll().execute();

test('a token makes one change, and the same one again is the same use', async ({ db }) => {
  const caller = tokenOf();
  await useOnce(db, caller, purposeOf('create a'));
  await useOnce(db, caller, purposeOf('create a'));
  await expect(useOnce(db, caller, purposeOf('create b'))).rejects.toMatchObject(replayed);
  await expect(useOnce(db, caller, purposeOf('clean up a'))).rejects.toMatchObject(replayed);
  await useOnce(db, caller, purposeOf('create a'));
  await useOnce(db, tokenOf(), purposeOf('create b'));
  expect(await uses(db)).toHaveLength(2);
});

test('the jti of one issuer is none of another’s', async ({ db }) => {
  const { once } = tokenOf('7');
  await useOnce(db, { once }, purposeOf('create a'));
  await useOnce(db, { once: { ...once, issuer: 'https://other.example' } }, purposeOf('create b'));
  await expect(useOnce(db, { once }, purposeOf('create b'))).rejects.toMatchObject(replayed);
});

test('of many changes at once with one token one is made', async ({ db }) => {
  const caller = tokenOf();
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, number) => useOnce(db, caller, purposeOf(`create ${number}`))),
  );
  const refusals = results.filter((result) => result.status === 'rejected');
  expect(refusals).toHaveLength(19);
  for (const { reason } of refusals) expect(reason).toMatchObject(replayed);
  await Promise.all(Array.from({ length: 20 }, () => useOnce(db, tokenOf('same'), purposeOf('create a'))));
});

test('a use that was rolled back was none, and whoever came meanwhile waited for that', async ({ db }) => {
  const caller = tokenOf();
  const first = await db.startTransaction().execute();
  await useOnce(first, caller, purposeOf('create a'));
  const second = useOnce(db, caller, purposeOf('create b'));
  await expect.poll(() => waiting(db), { timeout: 10_000 }).toBe(1);
  await first.rollback().execute();
  await second;
  await expect(useOnce(db, caller, purposeOf('create a'))).rejects.toMatchObject(replayed);
});

async function waiting(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  return rows[0]?.count ?? 0;
}

test('a use is remembered by the database’s clock for longer than any server takes the token', async ({ db }) => {
  await useOnce(db, tokenOf('in time'), purposeOf('create a'));
  await useOnce(db, tokenOf('just ended', new Date(Date.now() - 1)), purposeOf('create a'));
  const { rows } = await sql<{ jti: string; left: number }>`
    select jti, extract(epoch from expires_at - now())::float8 as left from oidc_uses order by jti`.execute(db);
  expect(rows.map(({ jti }) => jti)).toEqual(['in time', 'just ended']);
  // Two minutes more than what is left of the token.
  expect(rows[0]?.left).toBeGreaterThan(400);
  expect(rows[0]?.left).toBeLessThanOrEqual(420);
  expect(rows[1]?.left).toBeGreaterThan(100);
});

test('a token of ours may be used again, and nothing is written for it', async ({ db }) => {
  await useOnce(db, {}, purposeOf('create a'));
  await useOnce(db, { once: undefined }, purposeOf('create b'));
  expect(await uses(db)).toEqual([]);
});

test('the second change with one token is 401, with a challenge to bring another one', async ({ db }) => {
  const caller: Caller = {
    name: 'acme/shop (GitHub Actions run 42)',
    account: 'repository:42',
    scopes: [],
    repositoryIds: [42],
    namespaces: undefined,
    images: undefined,
    ...tokenOf(),
  };
  const app = Fastify();
  app.setErrorHandler(answerError);
  authorize(app, { db, workflow: async () => caller });
  await app.register(async (plugin) => {
    plugin.post<{ Params: { what: string } }>('/api/:what', { config: { access: anyToken } }, async (request) => {
      await useOnce(db, callerOfRequest(request), purposeOf(request.params.what));
      return 'done';
    });
  });
  const post = async (what: string) =>
    app.inject({ method: 'POST', url: `/api/${what}`, headers: { authorization: 'Bearer a.b.c' } });
  expect((await post('a')).statusCode).toBe(200);
  const { statusCode, headers, body } = await post('b');
  expect(statusCode).toBe(401);
  expect(headers['www-authenticate']).toBe('Bearer realm="ephemera", error="invalid_token"');
  expect(JSON.parse(body)).toMatchObject(replayed);
  await app.close();
});
