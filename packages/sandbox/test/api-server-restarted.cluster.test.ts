import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { clusterDown, clusterTools, clusterUp, type ClusterStatus } from '@ephemera/local-cluster';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { shellArgv } from './contract/programs.ts';
import { startWorld } from './world.ts';

// A cluster of its own: everybody else's API server has to stay.
const cache = process.env['EPHEMERA_CACHE'] ?? join(homedir(), '.cache', 'ephemera');
const options = { cache, name: 'restarted' };
let status: ClusterStatus;

beforeAll(async () => {
  status = await clusterUp(options);
  vi.stubEnv('EPHEMERA_TEST_CONTEXT', undefined);
  vi.stubEnv('EPHEMERA_TEST_KUBECONFIG', status.kubeconfig ?? '');
  vi.stubEnv('EPHEMERA_TEST_KUBECTL', JSON.stringify(clusterTools(options).kubectl));
}, 120_000);

afterAll(async () => {
  await clusterDown(options);
  vi.unstubAllEnvs();
}, 60_000);

/** The API server's process, by the certificate that only this instance has. */
async function apiServer(): Promise<number | undefined> {
  const certificate = join(dirname(status.kubeconfig ?? ''), 'certificates', 'kube-apiserver.crt');
  for (const pid of (await readdir('/proc')).map(Number).filter((number) => number > 0)) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words.includes(`--tls-cert-file=${certificate}`)) return pid;
  }
  return undefined;
}

test('the API server is restarted in mid-command, and the command has its result with all its output', async () => {
  await using world = await startWorld();
  const sandbox = await world.create();
  const seen: string[] = [];
  const running = sandbox.commands.run(shellArgv('untilFile', ['back-again', '13']), {
    onStdout: (piece) => void seen.push(Buffer.from(piece).toString()),
  });
  await expect.poll(() => seen.join(''), { timeout: 30_000 }).toContain('line 3');
  const before = await apiServer();
  expect(before).toBeDefined();
  process.kill(before ?? 0, 'SIGKILL');
  await vi.waitFor(
    async () => {
      expect(await kubectl(['get', '--raw', '/readyz'])).toBe('ok');
      expect(await apiServer()).not.toBe(before);
    },
    { timeout: 60_000, interval: 200 },
  );
  await sandbox.files.write('back-again', '');
  const { exitCode, stdout } = await running;
  const lines = stdout.trimEnd().split('\n');
  expect(exitCode).toBe(13);
  expect(lines).toEqual([...lines.slice(1).map((_, index) => `line ${index + 1}`), 'last']);
  expect(seen.join('')).toBe(stdout);
  await sandbox.kill();
  await world.empty();
}, 180_000);
