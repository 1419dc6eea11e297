import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { run } from './run.ts';

const main = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'src', 'main.ts');
const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;

/** `npx ephemera up` of one test, with a database of its own, on the cluster of the tests. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  /** A token, made as a user makes one: beside the running server. */
  token(...scopes: readonly string[]): Promise<string>;
}

/** `settings` come on top of those that say where cluster and database are. */
export async function startServer(settings: Readonly<Record<string, string | undefined>>): Promise<Server> {
  await using stack = new AsyncDisposableStack();
  const dataDir = mkdtempSync(join(tmpdir(), 'ephemera-examples-'));
  // As root the database runs as another user, who has to get in.
  chmodSync(dataDir, 0o755);
  stack.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const { PATH, HOME, EPHEMERA_CACHE, KUBECONFIG } = process.env;
  const env = {
    PATH,
    HOME,
    EPHEMERA_CACHE,
    KUBECONFIG,
    KUBECONFIG_PATH: kubeconfigPath,
    NO_COLOR: '1',
    DATA_DIR: dataDir,
    PORT: '0',
    LOG_LEVEL: 'silent',
    ...settings,
  };
  const args = ['up', ...(context === undefined ? [] : ['--context', context])];
  const child = spawn(process.execPath, ['--', main, ...args], { stdio: ['ignore', 'ignore', 'pipe'], env });
  const closed = once(child, 'close');
  const kill = () => child.kill('SIGKILL');
  // A test that is cut off disposes of nothing, and nobody should find its server running afterwards.
  process.once('exit', kill);
  stack.defer(async () => {
    child.kill('SIGTERM');
    await closed;
    process.off('exit', kill);
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  await vi.waitFor(() => expect(said).toMatch(/listens at \S+[\s\S]*instance .*\n/), { timeout: 60_000 });
  const url = /listens at (\S+)/.exec(said)?.[1] ?? '';
  let made = 0;
  const owned = stack.move();
  return {
    url,
    token: async (...scopes) => {
      const order = ['token', 'create', '--name', `test-${(made += 1)}`, '--scopes', scopes.join(',')];
      const { code, stdout, stderr } = await run([process.execPath, '--', main, ...order], { env });
      expect(code, stderr).toBe(0);
      return stdout.trim();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
