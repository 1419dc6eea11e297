import { join } from 'node:path';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { borrowNamespace } from './namespace.ts';
import { run, type Finished } from './run.ts';

const root = join(import.meta.dirname, '..', '..');

/** A namespace of a test's own with the accounts of `k8s/rbac`. Disposing removes it with everything in it. */
export interface SandboxNamespace extends AsyncDisposable {
  readonly name: string;
  /** A line as a user types it in the root of the repository; `npx ephemera sandbox …` and the example programs go to this namespace. */
  type(line: string, env?: Readonly<Record<string, string>>): Promise<Finished>;
  /** Jobs, pods, ConfigMaps and NetworkPolicies of sandboxes, as `kind/name`. */
  contents(): Promise<readonly string[]>;
}

/** On the local cluster of the tests only: the programs take no context. */
export async function sandboxNamespace(): Promise<SandboxNamespace> {
  const namespace = await borrowNamespace();
  const { name } = namespace;
  await kubectl(['apply', '-n', name, '-f', 'k8s/rbac/k8s.yaml']);
  const { PATH, HOME, EPHEMERA_CACHE, EPHEMERA_TEST_KUBECONFIG: kubeconfig } = process.env;
  const where = { KUBECONFIG: kubeconfig, KUBECONFIG_PATH: kubeconfig, SANDBOX_NAMESPACE: name, EPHEMERA_CACHE };
  return {
    name,
    type: (line, env) => {
      const here = line.replaceAll(/npx ephemera sandbox ([a-z]+)/g, `$& --namespace ${name}`);
      const options = { cwd: root, env: { PATH, HOME, NO_COLOR: '1', npm_config_loglevel: 'error', ...where, ...env } };
      // Without --norc bash takes its input for a remote shell's, and reads the machine's settings.
      return run(['bash', '--norc', '-uo', 'pipefail', '-c', here], options);
    },
    contents: async () => {
      const kinds = 'jobs,pods,configmaps,networkpolicies';
      const listed = await kubectl(['get', kinds, '-n', name, '-o', 'name']);
      return listed.split('\n').filter((object) => object !== '' && object !== 'configmap/kube-root-ca.crt');
    },
    [Symbol.asyncDispose]: () => namespace[Symbol.asyncDispose](),
  };
}
