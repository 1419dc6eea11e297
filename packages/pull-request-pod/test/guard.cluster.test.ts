import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { privilegedBuildersLabel } from '../src/index.ts';
import { builderShape, type BuilderOptions } from './builder-shapes.ts';
import { refusedPods } from './guard-refused.ts';
import { account, create, others, own, patience, startGuardWorld, type GuardWorld } from './guard-world.ts';
import { atRest, workload, type Shape } from './workloads.ts';

const builder = own(0);
let world: GuardWorld;
beforeAll(async () => {
  world = await startGuardWorld();
}, 120_000);
afterAll(() => world[Symbol.asyncDispose](), 120_000);

const at = (name: string) => ({ name, namespace: world.namespace });

test('the cluster finds no mistake in the types of the guard', async () => {
  const policy = await vi.waitFor(async () => {
    const found = await kubectlJson<{
      readonly metadata: { readonly generation: number };
      readonly status?: { readonly observedGeneration?: number; readonly typeChecking?: object };
    }>('get', 'validatingadmissionpolicy', 'ephemera-pull-request-pods');
    expect(found.status?.observedGeneration).toBe(found.metadata.generation);
    return found;
  }, patience);
  expect(policy.status?.typeChecking ?? {}).toEqual({});
});

test('everything that buildx makes rootless is accepted', async () => {
  const shapes: readonly BuilderOptions[] = [
    { rootless: true },
    { rootless: true, configs: ['config', 'config-1'] },
    { rootless: true, storage: '1Gi' },
    { rootless: true, storage: '1Gi', configs: ['config'] },
    { rootless: true, memory: '64Mi', env: { HTTP_PROXY: 'http://proxy:3128' }, limits: { cpu: '1', memory: '1Gi' } },
  ];
  const objects = shapes.map((options, index) => builderShape(own(index), world.namespace, options));
  expect(await world.refusals(objects)).toEqual(new Map());
});

const privilegedShapes: readonly BuilderOptions[] = [
  {},
  { qemu: true },
  { storage: '1Gi' },
  { memory: '64Mi' },
  { configs: ['config', 'config-1'] },
  { rootless: true, qemu: true },
];

test('everything that buildx makes privileged is accepted where the namespace says so, and nowhere else', async () => {
  const inNamespace = (namespace: string) =>
    privilegedShapes.map((options, index) => builderShape(own(index), namespace, options));

  const labelled = await world.namespaceWith({ [privilegedBuildersLabel]: 'true' });
  expect(await world.refusals(inNamespace(labelled), account(labelled))).toEqual(new Map());

  const refused = await world.refusals(inNamespace(world.namespace));
  expect([...refused.keys()]).toEqual(inNamespace(world.namespace).map(({ metadata }) => metadata.name));
  for (const message of refused.values()) expect(message).toContain('A builder is privileged only in a namespace');
});

for (const kind of ['Pod', 'Deployment', 'StatefulSet'] as const) {
  test(`a ${kind} of a job’s account is refused with each thing that leads to Secrets, to the node or to others`, async () => {
    const refused = await world.refusals(refusedPods.map((shape, index) => workload(kind, at(own(index)), shape)));
    const said = refusedPods.map(({ what }, index) => [what, refused.get(own(index)) ?? '(accepted)']);
    expect(said).toEqual(refusedPods.map(({ what, says }) => [what, expect.stringContaining(says)]));
  });

  test(`a plain ${kind} of a job’s account is accepted`, async () => {
    expect(await world.refusals([workload(kind, at(builder))])).toEqual(new Map());
  });
}

test('a StatefulSet of a job’s account cannot claim the storage of others', async () => {
  const claim = (metadata: object, spec: object = {}) => ({
    metadata,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
  const claims = [
    claim({ name: 'data' }),
    claim({ name: 'buildkitd' }, { dataSource: { kind: 'PersistentVolumeClaim', name: 'foreign' } }),
    claim({ name: 'buildkitd' }, { volumeName: 'foreign' }),
    claim({ name: 'buildkitd', finalizers: ['example.com/held'] }),
    claim({ name: 'buildkitd', labels: { app: 'database' } }),
  ];
  const objects = claims.map((volumeClaimTemplates, index) => {
    const set = workload('StatefulSet', at(own(index)));
    return { ...set, spec: { ...(set['spec'] as object), volumeClaimTemplates: [volumeClaimTemplates] } };
  });

  const refused = await world.refusals(objects);

  expect([...refused.keys()]).toEqual(claims.map((_, index) => own(index)));
  for (const message of refused.values()) expect(message).toContain('A builder claims only new storage');
});

test.each([
  ['more than one pod', { spec: { replicas: 2 } }, 'A builder is one pod.'],
  ['a runtime of its choice', { pod: { runtimeClassName: 'other' } }, 'takes no place of others'],
  ['finalizers of its pods', { metadata: { finalizers: ['example.com/held'] } }, 'pods without finalizers'],
  [
    'a selector for pods of others',
    { metadata: { labels: { 'pr-name': 'guarded' } }, spec: { selector: { matchLabels: { 'pr-name': 'guarded' } } } },
    'selects only its own',
  ],
] as readonly [string, Shape, string][])(
  'a Deployment and a StatefulSet of a job’s account are refused with %s',
  async (_, shape, says) => {
    const kinds = ['Deployment', 'StatefulSet'] as const;
    const objects = kinds.map((kind, index) => workload(kind, at(own(index)), shape));

    const refused = await world.refusals(objects);

    expect([...refused.keys()]).toEqual([own(0), own(1)]);
    for (const message of refused.values()) expect(message).toContain(says);
  },
);

test('a Deployment that is there cannot be changed into one that is refused', async () => {
  const there = own(99);
  await create(atRest(workload('Deployment', at(there))));
  const changed = workload('Deployment', at(there), { pod: { hostNetwork: true } });

  await expect(
    kubectl(['replace', '--dry-run=server', `--as=${account(world.namespace)}`, '-f', '-'], changed),
  ).rejects.toThrow('A builder does not share the network');
});

test('accounts of others are not limited', async () => {
  const object = workload('Deployment', at('others'), { pod: { hostNetwork: true } });
  for (const name of others) expect(await world.refusals([object], account(world.namespace, name))).toEqual(new Map());
});
