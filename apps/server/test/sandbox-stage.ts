import { randomBytes } from 'node:crypto';
import { createObject, kubectl } from '@ephemera/local-cluster/kubectl';
import { rightsObjects } from '@ephemera/sandbox/rights';
import { clusterRoleRules } from '../src/cluster-rights.ts';
import { createToken } from '../src/tokens/tokens.ts';
import { accountWith } from './account-with.ts';
import { cloneDatabase, type TestDatabase } from './database.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';

/** A namespace for the sandboxes of one test, and servers that have the documented rights there and no others. */
export interface SandboxStage extends AsyncDisposable {
  readonly namespace: string;
  readonly database: TestDatabase;
  /** May do everything with sandboxes, and sweep. */
  readonly token: string;
  /** `port`: where an earlier one was. Default: a free one. */
  start(port?: string): Promise<ServerProcess>;
  /** What is in the namespace, as `kind/name`, besides what was there before. */
  contents(): Promise<string[]>;
}

const kinds = 'jobs,pods,configmaps,networkpolicies,secrets';

export async function startSandboxStage(): Promise<SandboxStage> {
  await using stack = new AsyncDisposableStack();
  const namespace = `sandboxes-${randomBytes(5).toString('hex')}`;
  await createObject({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  });
  stack.defer(async () => void (await kubectl(['delete', 'namespace', namespace, '--wait=false'])));
  const { accounts, role } = rightsObjects(namespace);
  for (const account of accounts) await createObject({ ...account });
  const account = stack.use(
    await accountWith({ everywhere: clusterRoleRules, inNamespace: { namespace, rules: [...(role.rules ?? [])] } }),
  );
  const database = stack.use(await cloneDatabase());
  const scopes = ['sandboxes:read', 'sandboxes:write', 'admin'];
  const { text: token } = await createToken(database.db, { name: 'ci', scopes });
  const contents = async (): Promise<string[]> => {
    const names = (await kubectl(['get', kinds, '-n', namespace, '-o', 'name'])).split('\n');
    return names.filter((name) => name !== '' && name !== 'configmap/kube-root-ca.crt').toSorted();
  };
  const owned = stack.move();
  return {
    namespace,
    database,
    token,
    start: (port = '0') =>
      startServerProcess({
        DATABASE_URL: database.url,
        KUBECONFIG_PATH: account.kubeconfigPath,
        SANDBOXES_NAMESPACE: namespace,
        SANDBOXES_IMAGES: '*',
        SWEEP_EVERY_SECONDS: '86400',
        SWEEP_GRACE_SECONDS: '0',
        PORT: port,
      }),
    contents,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
