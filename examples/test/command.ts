import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const root = join(import.meta.dirname, '..', '..');
const main = join(root, 'apps', 'cli', 'src', 'main.ts');
const timeoutMs = 150_000;

const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npx ephemera …` in the root of the repository, on the cluster of the tests. */
export function ephemera(args: readonly string[], input = ''): Promise<Finished> {
  const onCluster = context === undefined ? [] : ['--context', context];
  return run([process.execPath, '--', main, ...args, ...onCluster], input);
}

/** `node SCRIPT …`. There is no flag for a context, so it is of use only where the kubeconfig says enough. */
export function node(args: readonly string[]): Promise<Finished> {
  return run([process.execPath, ...args], '');
}

async function run([command = '', ...args]: readonly string[], input: string): Promise<Finished> {
  const where = kubeconfigPath === undefined ? {} : { KUBECONFIG: kubeconfigPath, KUBECONFIG_PATH: kubeconfigPath };
  const child = spawn(command, args, {
    cwd: root,
    stdio: 'pipe',
    timeout: timeoutMs,
    env: { ...process.env, NO_COLOR: '1', ...where },
  });
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject)),
  ]);
  return { code, stdout, stderr };
}
