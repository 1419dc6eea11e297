import { connectCluster, findAccess, type Cluster } from '@ephemera/kube';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterHost, reapSandboxes, Sandbox, type SandboxOptions } from '../../src/index.ts';
import { managerRules } from '../../src/rights/index.ts';
import { patience, small } from '../world.ts';
import { startRightsNamespace, type RightsNamespace } from './rights-namespace.ts';

let namespace: RightsNamespace;
let app: Cluster;
beforeAll(async () => {
  namespace = await startRightsNamespace('app');
  app = await clusterAs('ci-fixer-app', namespace);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
});

/** The cluster with nothing but a token of this account: no rights of an administrator can help. */
async function clusterAs(account: string, { name }: RightsNamespace): Promise<Cluster> {
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
  const { server, certificateAuthority, skipTlsVerify } = findAccess({ kubeconfigPath, context });
  const token = (await kubectl(['create', 'token', account, '-n', name])).trim();
  const identity = async () => ({ authorization: `Bearer ${token}` });
  return connectCluster({ name: account, source: 'a token', server, certificateAuthority, skipTlsVerify, identity });
}

/** What may heal by itself gets no time here. */
const graces = { imagePullMs: 0, imagePullAttempts: 1 };

const make = (cluster: Cluster, options: SandboxOptions = {}) =>
  Sandbox.create({ ...small, ...options, on: clusterHost({ cluster, namespace: namespace.name, graces }) });

const left = async (): Promise<string> => {
  const all = await kubectl(['get', 'jobs,pods,configmaps,networkpolicies', '-n', namespace.name, '-o', 'name']);
  return all.replace('configmap/kube-root-ca.crt\n', '');
};

test('with the rights of ci-fixer-app alone sandboxes are made, used, found, extended and removed', async () => {
  const on = clusterHost({ cluster: app, namespace: namespace.name });
  await using sandbox = await make(app, { name: 'whole' });
  expect(await sandbox.commands.shell('echo out; echo err >&2; exit 7')).toMatchObject({
    exitCode: 7,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  await sandbox.files.write('folder/file', 'content');
  expect(await sandbox.files.readText('folder/file')).toBe('content');
  const { expiresAt } = await sandbox.extend(3_600_000);
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now() + 3_000_000);
  expect(await Sandbox.list({ on })).toMatchObject([{ id: sandbox.id, state: 'running' }]);
  const again = await Sandbox.getOrCreate('whole', { ...small, on });
  expect(again.id).toBe(sandbox.id);
  await again.disconnect();
  await reapSandboxes(app, { namespace: namespace.name });
  await sandbox.kill();
  await expect(Sandbox.connect(sandbox.id, { on })).rejects.toMatchObject({ code: 'sandbox.not_found' });
  expect(await left()).toBe('');
});

test('with them a start that fails says why, in the words of events and of the container', async () => {
  await expect(make(app, { image: 'busybox:no-such-tag' })).rejects.toMatchObject({
    code: 'sandbox.start_failed',
    message: expect.stringContaining('busybox:no-such-tag'),
  });
  expect(await left()).toBe('');
});

test('a pod of a sandbox holds no token, and runs as the account without rights', async () => {
  await using sandbox = await make(app);
  const token = await sandbox.commands.shell('ls /var/run/secrets/kubernetes.io');
  expect(token).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('No such file') });
  const pod = ['get', 'pods', '-n', namespace.name, '-l', `job-id=${sandbox.id}`];
  const account = ['-o', 'jsonpath={.items[*].spec.serviceAccountName}'];
  expect(await kubectl([...pod, ...account])).toBe('ci-fixer-sandbox');
});

test('the account of sandboxes can make none', async () => {
  await using sandboxAccount = await clusterAs('ci-fixer-sandbox', namespace);
  await expect(make(sandboxAccount)).rejects.toMatchObject({ code: 'kube.forbidden' });
  expect(await left()).toBe('');
});

// Events and logs are for saying why something went wrong: without them a sandbox works, and an error says less.
const vital = managerRules.filter(({ resource }) => !['events', 'pods/log'].includes(resource));

test.each(vital)(
  'without its rights to $resource the application is refused with the reason, and nothing is left',
  async ({ group, resource }) => {
    await using poor = await startRightsNamespace('poor');
    const rules = managerRules
      .filter((rule) => !(rule.group === group && rule.resource === resource))
      .map((rule) => ({ apiGroups: [rule.group], resources: [rule.resource], verbs: rule.verbs }));
    const patch = JSON.stringify({ rules });
    await kubectl(['patch', 'role', 'ci-fixer-sandbox-manager', '-n', poor.name, '--type=merge', '-p', patch]);
    await using cluster = await clusterAs('ci-fixer-app', poor);
    const on = clusterHost({ cluster, namespace: poor.name });
    const [, denied = resource] = /^(.*)\/.*$/.exec(resource) ?? [];
    await expect(Sandbox.create({ ...small, on })).rejects.toMatchObject({
      code: 'kube.forbidden',
      message: expect.stringContaining(denied),
    });
    await expect
      .poll(() => kubectl(['get', 'jobs,pods,networkpolicies', '-n', poor.name, '-o', 'name']), patience)
      .toBe('');
  },
);
