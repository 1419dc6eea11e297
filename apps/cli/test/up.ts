import { expect, vi } from 'vitest';
import { run, start, type Running } from './command.ts';

/** `ephemera up` on the tests' cluster, listening. */
export interface Up extends Running {
  readonly url: string;
}

export async function startUp(settings: Readonly<Record<string, string | undefined>>): Promise<Up> {
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfig, EPHEMERA_TEST_CONTEXT: context } = process.env;
  await using stack = new AsyncDisposableStack();
  const running = stack.use(
    start(['up', ...(context === undefined ? [] : ['--context', context])], {
      KUBECONFIG_PATH: kubeconfig,
      PORT: '0',
      LOG_LEVEL: 'silent',
      ...settings,
    }),
  );
  // The line after it too: what it says at its start comes in one piece. A new database takes its time where many are made at once.
  await vi.waitFor(() => expect(running.stderr()).toMatch(/listens at [\s\S]*instance .*\n/), { timeout: 90_000 });
  const owned = stack.move();
  return {
    ...running,
    url: /listens at (\S+)/.exec(running.stderr())?.[1] ?? '',
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

let made = 0;

/** A token of the server whose embedded database is in this folder, made as a user makes it: beside the running server. */
export async function tokenOf(dataDir: string, scopes: string): Promise<string> {
  const { code, stdout, stderr } = await run(['token', 'create', '--name', `test-${(made += 1)}`, '--scopes', scopes], {
    DATA_DIR: dataDir,
  });
  expect(code, stderr).toBe(0);
  return stdout.trim();
}
