import { join } from 'node:path';
import { run, type Finished } from './run.ts';

const root = join(import.meta.dirname, '..', '..');
const main = join(root, 'apps', 'cli', 'src', 'main.ts');
const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;

export type { Finished } from './run.ts';

/** `npx ephemera …` as somebody with this environment and no other runs it. */
export function ephemeraWith(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): Promise<Finished> {
  const { PATH, HOME } = process.env;
  return run([process.execPath, '--', main, ...args], { cwd: root, env: { PATH, HOME, NO_COLOR: '1', ...env } });
}

/** `npx ephemera …` in the root of the repository, on the cluster of the tests. */
export function ephemera(args: readonly string[], input = ''): Promise<Finished> {
  const onCluster = context === undefined ? [] : ['--context', context];
  return here([process.execPath, '--', main, ...args, ...onCluster], input);
}

/** `node SCRIPT …`. There is no flag for a context, so it is of use only where the kubeconfig says enough. */
export function node(args: readonly string[], input = ''): Promise<Finished> {
  return here([process.execPath, ...args], input);
}

function here(command: readonly string[], input: string): Promise<Finished> {
  const where = kubeconfigPath === undefined ? {} : { KUBECONFIG: kubeconfigPath, KUBECONFIG_PATH: kubeconfigPath };
  return run(command, { cwd: root, env: { ...process.env, NO_COLOR: '1', ...where }, input });
}
