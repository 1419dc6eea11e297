import { readFile } from 'node:fs/promises';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import type { Cluster } from '@ephemera/kube';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { deleteJob, followJob, jobLogs, jobStatus, runJob } from '../src/run/index.ts';
import { connectAs, shell, startWorld } from './world.ts';

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
async function restricted(name: string, allowed: readonly object[], where = namespace): Promise<Cluster> {
  const rbac = 'rbac.authorization.k8s.io';
  const metadata = { name, namespace: where };
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules: allowed },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      subjects: [{ kind: 'ServiceAccount', name, namespace: where }],
      roleRef: { apiGroup: rbac, kind: 'Role', name },
    },
  ];
  for (const object of objects) await world.createAsSomebodyElse(object);
  return connectAs(name, where);
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

test('an account that may not read the namespace of a job, or not all that is in it, keeps it and says so', async () => {
  const own = world.name('hidden');
  const manifest = job('tenant', { suspend: true, namespace: own, createNamespace: true });
  await world.run(manifest);
  {
    await using cluster = await restricted('inmate', rules, own);
    const { removed, kept } = await deleteJob(cluster, { namespace: own, name: 'tenant' });
    expect(removed).toContain(`Job/${own}/tenant`);
    expect(kept).toEqual([{ object: `Namespace//${own}`, because: expect.stringContaining('may not read') }]);
  }
  const more = [...rules, { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'delete'] }];
  await using cluster = await restricted('warden', more, own);
  expect(await deleteJob(cluster, { namespace: own, name: 'tenant' })).toEqual({
    removed: [],
    kept: [
      {
        object: `Namespace//${own}`,
        because: expect.stringMatching(/cannot be known: .* of v1, .* more \(this account may not list it\)/),
      },
    ],
  });
  expect(await kubectl(['get', 'namespace', own, '-o', 'name'])).toContain(own);
});

/** The rules without one resource. */
const without = (resource: string) => rules.filter(({ resources }) => !resources.includes(resource));

test('an account that may not list events is still told what the states of the pods say', async () => {
  await using cluster = await restricted('deaf', without('events'));
  const image = { repo: 'registry.invalid/nothing', tag: '1' };
  const started = await runJob(cluster, job('unheard', { image }));
  const diagnoses: string[] = [];
  const fate = await followJob(cluster, started, {
    startTimeoutMs: 1_000,
    onEvent: (event) => {
      if (event.type === 'diagnosis') diagnoses.push(event.diagnosis.code);
    },
  });
  expect(fate).toMatchObject({
    outcome: 'cannot_start',
    diagnosis: { code: 'pod.image_pull', hint: expect.stringContaining('may not list events') },
  });
  expect(new Set(diagnoses)).toEqual(new Set(['pod.image_pull']));
});

test('an account that may not read logs follows to the end, is told so, and the fate says that logs are missing', async () => {
  await using cluster = await restricted('quiet', without('pods/log'));
  const started = await runJob(cluster, job('unread', shell('echo nobody hears this')));
  const said: string[] = [];
  const fate = await followJob(cluster, started, {
    onEvent: (event) => {
      if (event.type === 'log') said.push(event.line);
      if (event.type === 'warning') said.push(event.message);
    },
  });
  expect(fate).toMatchObject({ outcome: 'complete', logsIncomplete: true });
  expect(said).toEqual([expect.stringMatching(/job-container in Pod unread-\w+ is lost: .*pods\/log/)]);
  await expect(jobLogs(cluster, started, { onLine: () => {} })).rejects.toMatchObject({ code: 'kube.forbidden' });
});

test('the Role in docs/jobs.md is the one with which all of this works', async () => {
  const page = await readFile(new URL('../../../docs/jobs.md', import.meta.url), 'utf8');
  const [, role = ''] = /```yaml\n(rules:\n[^`]*)```/.exec(page) ?? [];
  expect(parse(role)).toEqual({ rules });
});
