import { sql } from 'kysely';
import { expect, test as base } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { openDatabase, type Address, type Database } from '../store/database.ts';
import { saveRepository } from '../store/repositories.ts';
import { hasUsableToken } from '../store/tokens.ts';
import { authenticate } from './authenticate.ts';
import { createToken, listTokens, revokeToken } from './tokens.ts';

const test = base.extend<{ db: Database }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
});

const order = { name: 'ci', scopes: ['environments:read'] };
const past = new Date('2026-01-01T00:00:00Z');
const ask = (db: Database, text: string) =>
  authenticate(db, `Bearer ${text}`, {
    onUnrecorded: (error) => {
      throw error;
    },
  });

test('a token is eph_ and 43 characters, and the database keeps its hash and prefix, but never the token', async ({
  db,
}) => {
  const { text, stored } = await createToken(db, order);
  expect(text).toMatch(/^eph_[A-Za-z0-9_-]{43}$/);
  expect(text.startsWith(stored.prefix)).toBe(true);
  const { rows } = await sql<{ row: string }>`select t::text as row from api_tokens t`.execute(db);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.row).not.toContain(text.slice(stored.prefix.length));
  expect((await createToken(db, { ...order, name: 'other' })).text).not.toBe(text);
});

test('a token is known again with its name, scopes and what it is narrowed to', async ({ db }) => {
  await saveRepository(db, { id: 42, installationId: 5, fullName: 'Acme/Shop' });
  const narrowed = { repositories: ['acme/SHOP'], namespaces: ['ci'], images: ['docker:*'] };
  const { text, stored } = await createToken(db, { ...order, ...narrowed });
  expect(stored.repositories).toEqual(['acme/shop']);
  expect(await listTokens(db, new Date())).toMatchObject([{ repositories: ['acme/shop'] }]);
  expect(await ask(db, text)).toEqual({
    name: 'token ci',
    account: `token:${stored.id}`,
    scopes: ['environments:read'],
    repositoryIds: [42],
    hasUnknownRepositories: false,
    namespaces: ['ci'],
    images: ['docker:*'],
  });
});

test('a token stays with the repository that had the name, whoever takes it, and waits for one that nobody has yet', async ({
  db,
}) => {
  await saveRepository(db, { id: 42, installationId: 5, fullName: 'acme/shop' });
  const { text, unknown } = await createToken(db, { ...order, repositories: ['acme/shop', 'acme/Later'] });
  expect(unknown).toEqual(['acme/later']);
  const ids = async () => (await ask(db, text)).repositoryIds;
  await saveRepository(db, { id: 42, installationId: 5, fullName: 'acme/store' });
  await saveRepository(db, { id: 43, installationId: 5, fullName: 'acme/shop' });
  expect(await ids()).toEqual([42]);
  expect((await ask(db, text)).hasUnknownRepositories).toBe(true);
  await saveRepository(db, { id: 44, installationId: 5, fullName: 'Acme/later' });
  await saveRepository(db, { id: 44, installationId: 5, fullName: 'acme/latest' });
  await saveRepository(db, { id: 45, installationId: 5, fullName: 'acme/later' });
  expect(await ids()).toEqual([42, 44]);
});

test.each([undefined, '', 'Bearer', 'Basic abc', 'Bearer a b'])('the header %j brings no token', async (header) => {
  await using database = await cloneDatabase();
  await expect(authenticate(database.db, header, { onUnrecorded: () => {} })).rejects.toMatchObject({
    code: 'token.missing',
  });
});

test('an unknown, an expired and a revoked token are each refused as what they are', async ({ db }) => {
  const { text } = await createToken(db, order);
  await expect(ask(db, `${text.slice(0, -1)}!`)).rejects.toMatchObject({ code: 'token.unknown' });
  await expect(ask(db, `eph_${'A'.repeat(43)}`)).rejects.toMatchObject({ code: 'token.unknown' });
  const old = await createToken(db, { ...order, name: 'old', expiresAt: past });
  await expect(ask(db, old.text)).rejects.toMatchObject({ code: 'token.expired' });
  await revokeToken(db, 'ci');
  await expect(ask(db, text)).rejects.toMatchObject({ code: 'token.revoked' });
});

test('the name of a token is taken until the token is revoked', async ({ db }) => {
  await createToken(db, order);
  await expect(createToken(db, order)).rejects.toMatchObject({ code: 'token.name_taken' });
  await revokeToken(db, 'ci');
  await createToken(db, order);
  await revokeToken(db, 'ci');
  await expect(revokeToken(db, 'ci')).rejects.toMatchObject({ code: 'token.not_found' });
});

test('tokens are listed newest first with what became of each, and without their hash', async ({ db }) => {
  await createToken(db, { ...order, name: 'old', expiresAt: past });
  await createToken(db, { ...order, name: 'gone' });
  await revokeToken(db, 'gone');
  expect(await hasUsableToken(db)).toBe(false);
  await createToken(db, order);
  expect(await hasUsableToken(db)).toBe(true);
  const listed = await listTokens(db, new Date());
  expect(listed.map(({ name, state }) => `${name} ${state}`)).toEqual(['ci active', 'gone revoked', 'old expired']);
  for (const token of listed) expect(token).not.toHaveProperty('hash');
});

test('the time of use is written at most once a minute', async ({ db }) => {
  const { text } = await createToken(db, order);
  const lastUse = async () => (await listTokens(db, new Date()))[0]?.lastUsedAt;
  expect(await lastUse()).toBeNull();
  await ask(db, text);
  const first = await lastUse();
  expect(first).toBeInstanceOf(Date);
  await ask(db, text);
  expect(await lastUse()).toEqual(first);
  await sql`update api_tokens set last_used_at = now() - interval '61 seconds'`.execute(db);
  await ask(db, text);
  expect(Number(await lastUse())).toBeGreaterThanOrEqual(Number(first));
});

test('a token is accepted also where its use cannot be written, as on a standby', async () => {
  await using stack = new AsyncDisposableStack();
  const { db, address } = stack.use(await cloneDatabase());
  const { text } = await createToken(db, order);
  const standby = openDatabase(
    { ...address, options: '-c default_transaction_read_only=on' } as unknown as Address,
    () => {},
  );
  stack.defer(() => standby.destroy());
  const complaints: unknown[] = [];
  const caller = await authenticate(standby, `bearer ${text}`, { onUnrecorded: (error) => complaints.push(error) });
  expect(caller.name).toBe('token ci');
  expect(complaints).toMatchObject([{ code: '25006' }]);
});
