import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test as base } from 'vitest';
import { startApp, type TestApp } from './app.ts';
import { storeEnvironment } from './environment-row.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'src', 'main.ts');

interface Fixture {
  server: TestApp;
  /** `ephemera …` as a user runs it, against the server. */
  ephemera: (...args: string[]) => Promise<{ stdout: string; stderr: string }>;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  server: async ({}, use) => {
    await using server = await startApp();
    await use(server);
  },
  ephemera: async ({ server }, use) => {
    const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
    const { PATH, HOME } = process.env;
    const token = server.authorization.slice('Bearer '.length);
    const env = { PATH, HOME, NO_COLOR: '1', EPHEMERA_URL: url, EPHEMERA_TOKEN: token };
    await use((...args) => promisify(execFile)(process.execPath, ['--', main, ...args], { env, timeout: 30_000 }));
  },
});

test('env list says when it shows as many as it can, with --json too, and standard output stays what it is', async ({
  server,
  ephemera,
}) => {
  const { db } = server.database;
  for (let prNumber = 1; prNumber <= 99; prNumber += 1)
    await storeEnvironment(db, { prNumber, namespace: `pr-${prNumber}` });
  expect((await ephemera('env', 'list')).stderr).toBe('');
  await storeEnvironment(db, { prNumber: 100, namespace: 'pr-100' });
  const listed = await ephemera('env', 'list');
  expect(listed.stdout.trim().split('\n')).toHaveLength(101);
  expect(listed.stderr).toContain('the newest 100; there may be more');
  const json = await ephemera('env', 'list', '--json');
  expect(JSON.parse(json.stdout)).toHaveLength(100);
  expect(json.stderr).toBe(listed.stderr);
});

test('env destroy says why an environment is being removed already, whatever has ended it', async ({
  server,
  ephemera,
}) => {
  const { db } = server.database;
  const ending = { wantedState: 'closed', status: 'destroying' } as const;
  const closed = await storeEnvironment(db, { ...ending, prNumber: 1, namespace: 'pr-1' });
  const uninstalled = await storeEnvironment(db, {
    ...ending,
    prNumber: 2,
    namespace: 'pr-2',
    reason: 'installation.removed',
    errorMessage: 'The GitHub App was uninstalled.',
  });
  const destroy = async (id: number) => (await ephemera('env', 'destroy', String(id))).stdout;
  expect(await destroy(closed.id)).toContain('is being removed already. Its pull request is closed.');
  const told = await destroy(uninstalled.id);
  expect(told).toContain('is being removed already. The GitHub App was uninstalled.');
  expect(told).not.toContain('pull request is closed');
});
