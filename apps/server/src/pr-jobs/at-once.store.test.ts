import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, test as base } from 'vitest';
import { createToken } from '../tokens/tokens.ts';
import { startPrJobApp, url, type PrJobApp } from '../../test/pr-job-app.ts';

interface Held {
  /** How many calls have arrived and wait. */
  count(): number;
  release(): void;
}

interface Fixture {
  app: PrJobApp;
  /** Holds the calls to the cluster whose method and path are these. */
  hold: (call: RegExp) => Held;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  app: async ({}, use) => {
    // Five creations and cleanups of one caller at once.
    await using app = await startPrJobApp({ PR_JOBS_PER_MINUTE: '15' });
    await use(app);
  },
  hold: async ({ app }, use) => {
    const open = Promise.withResolvers<void>();
    await use((call) => {
      let count = 0;
      app.cluster.before.each = async (method, path) => {
        if (!call.test(`${method} ${path}`)) return undefined;
        count += 1;
        await open.promise;
        return undefined;
      };
      return { count: () => count, release: open.resolve };
    });
    open.resolve();
  },
});

const soon = { timeout: 10_000 };
const logReaders = 20;

test.for(['true', 'false'])(
  'readers of a log that leave before it begins hold nothing: the next one is answered (follow=%s)',
  async (follow, { app, hold }) => {
    const ci = await app.as();
    const jobName = (await ci.post({ name: 'shop-12' })).body.job?.jobName ?? '';
    const { text: token } = await createToken(app.server.database.db, { name: 'reader', scopes: ['pr-jobs:logs'] });
    const { app: http } = app.server;
    await http.listen({ port: 0, host: '127.0.0.1' });
    const { port } = http.server.address() as AddressInfo;
    const logs = `${url}/${jobName}/logs`;
    const ask = async (): Promise<Socket> => {
      const client = connect(port, '127.0.0.1');
      await once(client, 'connect');
      client.write(
        `GET ${logs}?follow=${follow} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`,
      );
      return client;
    };
    const held = hold(new RegExp(`^GET .*/jobs/${jobName}$`));
    const clients = await Promise.all(Array.from({ length: logReaders }, ask));
    await expect.poll(held.count, soon).toBe(logReaders);
    const next = async () => {
      const answer = await http.inject({ url: logs, headers: { authorization: `Bearer ${token}` } });
      return answer.statusCode;
    };
    // As long as they are there, they have all the places.
    expect(await next()).toBe(429);
    for (const client of clients) client.destroy();
    const connections = () => new Promise((resolve) => http.server.getConnections((_error, count) => resolve(count)));
    await expect.poll(connections, soon).toBe(0);
    held.release();
    await expect.poll(next, { ...soon, interval: 500 }).toBe(200);
  },
);

test('only so many creations and cleanups of one caller are under way at once; others, and whoever looks, go on', async ({
  app,
  hold,
}) => {
  const [ci, other] = [await app.as(), await app.as()];
  const held = hold(/^POST .*\/jobs$/);
  const creations = Array.from({ length: 5 }, (_, number) => ci.post({ name: `shop-${number}` }));
  await expect.poll(held.count, soon).toBe(5);
  for (const body of [{ name: 'shop-6' }, { action: 'cleanup', name: 'shop-6' }]) {
    const refused = await ci.post(body);
    expect(refused).toMatchObject({ status: 429, body: { code: 'pr_job.too_many_requests', retryable: true } });
    expect(refused.body.error).toContain('under way');
    expect(refused.headers['retry-after']).toBe('5');
  }
  const gone = { action: 'status', name: 'shop-6', jobName: 'pr-job-shop-6-1700000000000' };
  expect(await ci.post(gone)).toMatchObject({ status: 404 });
  expect(await other.post({ action: 'cleanup', name: 'shop-6' })).toMatchObject({ status: 200 });
  held.release();
  for (const created of await Promise.all(creations)) expect(created).toMatchObject({ status: 200 });
  expect(await ci.post({ name: 'shop-6' })).toMatchObject({ status: 200 });
});
