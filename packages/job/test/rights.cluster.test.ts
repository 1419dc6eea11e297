import { connectCluster, findAccess, type Cluster } from '@ephemera/kube';
import { afterAll, expect, test } from 'vitest';
import { deleteJob, followJob, jobStatus, runJob } from '../src/run/index.ts';
import { kubectl, shell, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { namespace, job } = world;

const rules = [
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'delete'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['events'], verbs: ['list'] },
  { apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: ['get', 'list', 'create', 'patch', 'delete'] },
];

/** The cluster as an account that may do in this namespace what the rules say, and nothing elsewhere. */
async function restricted(name: string, allowed: readonly object[]): Promise<Cluster> {
  const rbac = 'rbac.authorization.k8s.io';
  const metadata = { name, namespace };
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules: allowed },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
      roleRef: { apiGroup: rbac, kind: 'Role', name },
    },
  ];
  for (const object of objects) await world.createAsSomebodyElse(object);
  const token = (await kubectl(['create', 'token', name, '-n', namespace])).trim();
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
  const access = findAccess({ kubeconfigPath, context });
  const identity = async () => ({ authorization: `Bearer ${token}` });
  return connectCluster({ ...access, identity }, world.cluster.owner);
}

test('an account with rights in one namespace only runs, follows, explains and deletes a job there', async () => {
  await using cluster = await restricted('worker', rules);
  const manifest = job('modest', {
    ...shell('echo $KEY'),
    env: { secrets: { KEY: { value: 'a' } } },
    configMaps: { modest: 'b' },
  });
  const started = await runJob(cluster, manifest);
  const lines: string[] = [];
  const fate = await followJob(cluster, started, {
    onEvent: (event) => {
      if (event.type === 'log') lines.push(event.line);
    },
  });
  expect(fate.outcome).toBe('complete');
  expect(lines).toEqual(['a']);
  expect(await jobStatus(cluster, started)).toMatchObject({ state: 'Complete' });
  expect((await deleteJob(cluster, started)).removed).toContain(`Job/${namespace}/modest`);
});

test('what may not be read is an error, never taken for nothing', async () => {
  await using cluster = await restricted('blind', rules.slice(0, 1));
  const started = await world.run(job('unseen', { ...shell('true'), configMaps: { unseen: 'a' } }));
  await expect(followJob(cluster, started, { onEvent: () => {} })).rejects.toMatchObject({ code: 'kube.forbidden' });
  await expect(deleteJob(cluster, started)).rejects.toMatchObject({ code: 'kube.forbidden' });
  await expect(runJob(cluster, job('unseen', { configMaps: { other: 'a' } }))).rejects.toMatchObject({
    code: 'kube.forbidden',
  });
  expect(await kubectl(['get', 'configmaps', '-n', namespace, '-o', 'name'])).not.toContain('other');
});
