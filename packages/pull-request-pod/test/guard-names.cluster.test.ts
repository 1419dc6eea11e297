import type { Manifest } from '@ephemera/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { create, own, startGuardWorld, type GuardWorld } from './guard-world.ts';
import { atRest, configMap, workload } from './workloads.ts';

const builder = own(0);
let world: GuardWorld;
beforeAll(async () => {
  world = await startGuardWorld();
}, 120_000);
afterAll(() => world[Symbol.asyncDispose](), 120_000);

const at = (name: string) => ({ name, namespace: world.namespace });

test('nothing of a job’s account is kept by finalizers, nor keeps others from being removed', async () => {
  const owners = [{ apiVersion: 'batch/v1', kind: 'Job', name: builder, uid: '1', blockOwnerDeletion: true }];
  const held = [{ finalizers: ['example.com/held'] }, { ownerReferences: owners }].flatMap((metadata, set) => [
    ...(['Pod', 'Deployment', 'StatefulSet'] as const).map((kind, index) => {
      const object = workload(kind, at(own(10 * set + index)));
      return { ...object, metadata: { ...object.metadata, ...metadata } };
    }),
    configMap(at(`${own(set)}-config`), metadata),
  ]);

  const refused = await world.refusals(held);

  expect([...refused.keys()]).toEqual(held.map(({ metadata }) => metadata.name));
  for (const message of refused.values()) expect(message).toContain('has no finalizers and no owners');
});

test.each([
  'production',
  'pr-job-other-1767225600000',
  'pr-job-guarded-2-1767225600000',
  `${builder}-2`,
  'pr-job-guarded',
])('nothing that is called %s is of a job’s account: it neither makes nor removes it', async (name) => {
  const objects: Manifest[] = [
    workload('Deployment', at(name)),
    workload('StatefulSet', at(name)),
    configMap(at(name)),
  ];
  const says = 'of other names are not the account’s';
  for (const object of objects) expect((await world.refusals([object])).get(name)).toContain(says);

  await create({ apiVersion: 'v1', kind: 'List', items: objects.map((object) => atRest(object)) });
  for (const { kind } of objects)
    await expect(world.asAccount('delete', kind, name, '--dry-run=server')).rejects.toThrow(says);
  const setting = JSON.stringify({ data: { debug: 'false' } });
  await expect(world.asAccount('patch', 'configmap', name, '-p', setting)).rejects.toThrow(says);
});

test('a job’s account changes and removes the ConfigMaps of its own builder', async () => {
  for (const name of [`${builder}-config`, `${builder}-config-1`]) {
    await create(configMap(at(name)));
    await world.asAccount('patch', 'configmap', name, '-p', JSON.stringify({ data: { debug: 'false' } }));
    await world.asAccount('delete', 'configmap', name);
  }
  expect((await world.refusals([configMap(at(`${builder}-config-a`))])).size).toBe(1);
});

test('a job’s account removes no pod of others', async () => {
  const names = ['web', 'pr-job-other-1767225600000-x5f2z', 'pr-job-guarded-2-1767225600000-x5f2z'];
  const pods = names.map((name) => workload('Pod', at(name), { pod: { schedulerName: 'nobody' } }));
  expect([...(await world.refusals(pods)).keys()]).toEqual(names);
  await create({
    apiVersion: 'v1',
    kind: 'List',
    items: pods.map(({ spec: { serviceAccountName: _, ...spec }, ...pod }) => ({ ...pod, spec })),
  });
  for (const name of names)
    await expect(world.asAccount('delete', 'pod', name, '--dry-run=server')).rejects.toThrow('those of other names');
});
