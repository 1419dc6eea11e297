import Fastify from 'fastify';
import { expect, test as base } from 'vitest';
import { startApp, type TestApp } from '../../test/app.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import { openDatabase } from '../store/database.ts';
import type { Environment } from '../store/schema.ts';
import { needs, open } from './access.ts';
import { authorize } from './authorize.ts';
import type { TokenOrder } from './order.ts';
import { createToken, revokeToken } from './tokens.ts';

interface Fixture {
  server: TestApp;
  /** Asks as the holder of a new token of this kind. */
  as: (order: Partial<TokenOrder>) => Promise<(method: Method, url: string) => Promise<Answered>>;
  shop: Environment;
  blog: Environment;
}

type Method = 'GET' | 'POST' | 'DELETE' | 'HEAD';

interface Answered {
  readonly status: number;
  readonly body: unknown;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  server: async ({}, use) => {
    await using server = await startApp();
    await use(server);
  },
  as: async ({ server }, use) => {
    let made = 0;
    await use(async (order) => {
      const { text } = await createToken(server.database.db, {
        name: `token-${(made += 1)}`,
        scopes: ['environments:read', 'environments:write'],
        ...order,
      });
      return async (method, url) => {
        const answer = await server.app.inject({ method, url, headers: { authorization: `Bearer ${text}` } });
        return {
          status: answer.statusCode,
          body: answer.body === '' ? undefined : (JSON.parse(answer.body) as unknown),
        };
      };
    });
  },
  shop: async ({ server }, use) => {
    await use(await storeEnvironment(server.database.db));
  },
  blog: async ({ server }, use) => {
    const other = { repositoryId: 43, repositoryFullName: 'acme/blog', namespace: 'pr-1-blog', prNumber: 1 };
    await use(await storeEnvironment(server.database.db, { ...other, host: 'pr-1-blog.preview.example' }));
  },
});

const protectedRoutes = [
  ['GET', '/api/v1/environments'],
  ['HEAD', '/api/v1/environments'],
  ['GET', '/api/v1/environments/1'],
  ['GET', '/api/v1/environments/1/'],
  ['DELETE', '/api/v1/environments/1'],
  ['POST', '/api/v1/environments/1/retry'],
  ['POST', '/api/v1/sweeps'],
  ['GET', '/api/openapi.json'],
  ['GET', '/metrics'],
  ['GET', '/metrics?a=b'],
  ['GET', '/api'],
  ['GET', '/api/nothing'],
  ['POST', '/api/v1/environments'],
] as const;

test.each(protectedRoutes)('%s %s without a token is 401 with a challenge and a hint', async (method, url) => {
  await using server = await startApp();
  const { statusCode, headers, body } = await server.app.inject({ method, url });
  expect(statusCode).toBe(401);
  expect(headers['www-authenticate']).toBe('Bearer realm="ephemera"');
  if (method === 'HEAD') return;
  expect(JSON.parse(body)).toMatchObject({
    code: 'token.missing',
    hint: expect.stringContaining('npx ephemera token create') as unknown,
  });
});

test('an unknown, an expired and a revoked token are 401, with a code of their own, and nothing of the token is repeated', async ({
  server,
}) => {
  const { db } = server.database;
  const order = { scopes: ['admin'] };
  const expired = await createToken(db, { ...order, name: 'old', expiresAt: new Date('2026-01-01T00:00:00Z') });
  const revoked = await createToken(db, { ...order, name: 'gone' });
  await revokeToken(db, 'gone');
  for (const [text, code] of [
    [`eph_${'A'.repeat(43)}`, 'token.unknown'],
    ['password', 'token.unknown'],
    [expired.text, 'token.expired'],
    [revoked.text, 'token.revoked'],
  ] as const) {
    const answer = await server.app.inject({
      url: '/api/v1/environments',
      headers: { authorization: `Bearer ${text}` },
    });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="ephemera", error="invalid_token"');
    expect(JSON.parse(answer.body)).toMatchObject({ code, retryable: false });
    expect(answer.body).not.toContain(text.slice(4, 20));
  }
});

test.each(['/health', '/health/ready', '/', '/nothing', '/apiary', '/metricsandmore'])(
  '%s asks for no token',
  async (url) => {
    await using server = await startApp();
    expect((await server.app.inject({ url })).statusCode).not.toBe(401);
  },
);

test('a token without the scope is 403, and the answer names the scope', async ({ server, shop }) => {
  const { text } = await createToken(server.database.db, { name: 'reader', scopes: ['environments:read'] });
  const headers = { authorization: `Bearer ${text}` };
  const at = `/api/v1/environments/${shop.id}`;
  expect((await server.app.inject({ url: at, headers })).statusCode).toBe(200);
  for (const [method, url, scope] of [
    ['DELETE', at, 'environments:write'],
    ['POST', `${at}/retry`, 'environments:write'],
    ['POST', '/api/v1/sweeps', 'admin'],
    ['GET', '/api/v1/sweeps', 'admin'],
  ] as const) {
    const answer = await server.app.inject({ method, url, headers });
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['www-authenticate']).toContain(`error="insufficient_scope", scope="${scope}"`);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'token.scope_missing', details: { scope } });
    expect(answer.body).toContain(scope);
  }
});

test.each([
  ['a repository, in any case', { repositories: ['ACME/Shop'] }],
  ['a namespace', { namespaces: ['pr-12-shop-0123456789'] }],
])('a token that is narrowed to %s sees and changes only what belongs to it', async (_what, narrowed) => {
  await using server = await startApp();
  const { db } = server.database;
  const shop = await storeEnvironment(db);
  const blog = await storeEnvironment(db, {
    repositoryId: 43,
    repositoryFullName: 'acme/blog',
    namespace: 'pr-1-blog',
    prNumber: 1,
    host: 'pr-1-blog.preview.example',
  });
  const scopes = ['environments:read', 'environments:write'];
  const { text } = await createToken(db, { name: 'narrow', scopes, ...narrowed });
  const ask = async (method: Method, url: string) =>
    server.app.inject({ method, url, headers: { authorization: `Bearer ${text}` } });

  const listed = JSON.parse((await ask('GET', '/api/v1/environments')).body) as { id: number }[];
  expect(listed.map(({ id }) => id)).toEqual([shop.id]);
  expect((await ask('GET', `/api/v1/environments?repository=acme/blog`)).body).toBe('[]');
  const others = `/api/v1/environments/${blog.id}`;
  for (const [method, url] of [
    ['GET', others],
    ['GET', `${others}/events`],
    ['GET', `${others}/deployments`],
    ['GET', `/api/v1/environments/namespace/${blog.namespace}`],
    ['DELETE', others],
    ['POST', `${others}/retry`],
  ] as const) {
    const answer = await ask(method, url);
    expect(answer.statusCode).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'environment.not_found' });
  }
  const { wantedState } = await db
    .selectFrom('environments')
    .select('wantedState')
    .where('id', '=', blog.id)
    .executeTakeFirstOrThrow();
  expect(wantedState).toBe('open');
  expect((await ask('GET', `/api/v1/environments/${shop.id}`)).statusCode).toBe(200);
  expect((await ask('DELETE', `/api/v1/environments/${shop.id}`)).statusCode).toBe(202);
});

test('a token that is narrowed to a repository does not reach another one that takes its name', async ({
  server,
  as,
  shop,
}) => {
  const { db } = server.database;
  const ask = await as({ repositories: ['acme/shop'] });
  await db.updateTable('environments').set({ repositoryFullName: 'acme/store' }).execute();
  const other = await storeEnvironment(db, {
    repositoryId: 43,
    namespace: 'pr-12-other',
    host: 'other.preview.example',
  });
  expect((await ask('GET', '/api/v1/environments')).body).toMatchObject([{ id: shop.id }]);
  expect((await ask('GET', `/api/v1/environments/${shop.id}`)).status).toBe(200);
  expect((await ask('GET', `/api/v1/environments/${other.id}`)).status).toBe(404);
});

test('while the database is away /metrics says so to whoever had a good token minutes ago, and to nobody else', async ({
  server,
}) => {
  const { database } = server;
  const broken = openDatabase(database.address, () => {}, 2);
  await using second = await startApp({ db: broken });
  const known = await createToken(database.db, { name: 'prometheus', scopes: ['environments:read'] });
  const other = await createToken(database.db, { name: 'other', scopes: ['environments:read'] });
  const ask = async (url: string, text: string) =>
    second.app.inject({ url, headers: { authorization: `Bearer ${text}` } });
  expect((await ask('/metrics', known.text)).body).toContain('ephemera_database_up 1');
  await broken.destroy();
  const answer = await ask('/metrics', known.text);
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain('ephemera_database_up 0');
  expect((await ask('/metrics', other.text)).statusCode).toBeGreaterThanOrEqual(500);
  expect((await ask('/api/v1/environments', known.text)).statusCode).toBeGreaterThanOrEqual(500);
});

test('a narrowed token does not reach what is about everything, even as admin', async ({ as }) => {
  const ask = await as({ scopes: ['admin'], repositories: ['acme/shop'] });
  for (const [method, url] of [
    ['POST', '/api/v1/sweeps'],
    ['GET', '/api/v1/sweeps'],
    ['GET', '/metrics'],
  ] as const) {
    expect(await ask(method, url)).toMatchObject({ status: 403, body: { code: 'token.too_narrow' } });
  }
  expect((await ask('GET', '/api/v1/environments')).status).toBe(200);
});

test('a token that is not narrowed sees all of it', async ({ as, shop, blog }) => {
  const ask = await as({});
  expect((await ask('GET', '/api/v1/environments')).body).toMatchObject([{ id: blog.id }, { id: shop.id }]);
});

test('a revoked token is refused from the next request on', async ({ server, as }) => {
  const ask = await as({ name: 'ci' });
  expect((await ask('GET', '/api/v1/environments')).status).toBe(200);
  await revokeToken(server.database.db, 'ci');
  expect((await ask('GET', '/api/v1/environments')).status).toBe(401);
});

test('whoever has no token is refused before the body is read', async ({ server }) => {
  const { statusCode } = await server.app.inject({
    method: 'POST',
    url: '/api/v1/sweeps',
    headers: { 'content-type': 'application/json' },
    payload: '{',
  });
  expect(statusCode).toBe(401);
});

test('a route that does not say who may use it cannot be registered, nor an open one below /api/ or at /metrics', async ({
  server,
}) => {
  const { db } = server.database;
  const registering = async (url: string, config: object) => {
    const app = Fastify();
    authorize(app, { db });
    await app.register(async (plugin) => {
      plugin.get(url, { config }, async () => 'secret');
    });
    await app.close();
  };
  await expect(registering('/secret', {})).rejects.toMatchObject({ code: 'server.route_undeclared' });
  for (const url of ['/api/secret', '/api', '/metrics', '/metrics/more'])
    await expect(registering(url, { access: open })).rejects.toMatchObject({ code: 'server.route_undeclared' });
  await registering('/public', { access: open });
  await registering('/api/secret', { access: needs('admin') });
});
