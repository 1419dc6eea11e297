import { kubectl } from '@ephemera/local-cluster/kubectl';
import type { Manifest } from '@ephemera/model';
import { afterAll, describe, expect, test } from 'vitest';
import {
  builderLabels,
  cleanupPrJob,
  createPrJob,
  ensureAccount,
  prJobObject,
  repositorySecret,
} from '../src/index.ts';
import { configMapOf, deploymentOf, statefulSetOf } from './buildx-leftovers.ts';
import {
  createAsSomebodyElse,
  eventually,
  everythingIn,
  order,
  patchAsSomebodyElse,
  startWorld,
  privateRepository as repository,
} from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster } = world;

const longGone = (name: string, last = 0) => `pr-job-${name}-176722560000${last}`;
const podsOf = (app: string, namespace: string) =>
  kubectl(['get', 'pods', '-l', `app=${app}`, '-n', namespace, '-o', 'name']);

describe.concurrent('cleaning up', () => {
  test('removes Jobs, pods, account, Secret and every builder with its pods, ConfigMaps and claims', async () => {
    const namespace = await world.namespaceWithPods('all');
    const first = await createPrJob(cluster, order({ name: 'full', namespace, profile: 'minimal' }));
    const second = await createPrJob(cluster, order({ name: 'full', namespace, repository }));
    const labels = builderLabels({ name: 'full' });
    await createAsSomebodyElse(
      deploymentOf({ name: first.jobName, namespace, labels }),
      deploymentOf({ name: second.jobName, namespace }),
      statefulSetOf({ name: longGone('full'), namespace }),
      statefulSetOf({ name: longGone('full', 1), namespace, labels }),
      deploymentOf({ name: 'called-otherwise', namespace, labels }),
      configMapOf(`${first.jobName}-config`, namespace),
      configMapOf(`${longGone('full')}-config-1`, namespace),
    );
    await eventually(async () => (await podsOf(second.jobName, namespace)) !== '', true);
    await eventually(
      async () => (await everythingIn(cluster, namespace)).filter((text) => text.startsWith('Persis')).length,
      2,
    );
    const present = (await everythingIn(cluster, namespace)).filter((text) =>
      /^(Job|Deployment|Stateful|Config|Pers|Sec|Ser|Role)/.test(text),
    );
    const waiting: string[] = [];
    const { removed, kept } = await cleanupPrJob(
      cluster,
      { name: 'full', namespace },
      { onWaiting: (text) => waiting.push(text) },
    );
    expect(await everythingIn(cluster, namespace)).toEqual([]);
    expect(kept).toEqual([]);
    const named = removed.map((text) => text.replace(`/${namespace}/`, '/'));
    expect(named).toEqual(expect.arrayContaining(present.filter((text) => !text.startsWith('ServiceAccount/default'))));
    expect(named.filter((text) => text.startsWith('Pod/')).length).toBeGreaterThan(0);
    expect(waiting[0]).toContain('Job/');
    expect(await cleanupPrJob(cluster, { name: 'full', namespace })).toEqual({ removed: [], kept: [] });
  });

  test('of a name that never was, in a namespace that is none, and twice at once, is fine', async () => {
    expect(await cleanupPrJob(cluster, { name: 'never', namespace: world.unused('none') })).toEqual({
      removed: [],
      kept: [],
    });
    const namespace = await world.namespace('both');
    await createPrJob(cluster, order({ name: 'both', namespace }));
    const both = await Promise.all([1, 2].map(() => cleanupPrJob(cluster, { name: 'both', namespace })));
    expect(both.flatMap(({ removed }) => removed)).toContain(`ServiceAccount/${namespace}/both-buildx-sa`);
    expect(await everythingIn(cluster, namespace)).toEqual([]);
  });

  test.each([1, 2, 3, 4, 5])('after a crash behind step %i of making removes what is there', async (made) => {
    const namespace = await world.namespace(`crashed-${made}`);
    const wanted = order({ name: 'half', namespace, repository });
    const jobName = longGone('half');
    const secret = repositorySecret({ order: wanted, jobName });
    const steps: readonly (() => Promise<unknown>)[] = [
      () =>
        createAsSomebodyElse({
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: accountMetadata('half', namespace),
        }),
      () => ensureAccount(cluster, { name: 'half', namespace, profile: 'minimal' }),
      () => createAsSomebodyElse(secret ?? expect.unreachable()),
      () => createAsSomebodyElse(prJobObject({ order: wanted, jobName, request: 'r' })),
      () => createPrJob(cluster, wanted, { jobName, request: 'r' }),
    ];
    for (const step of steps.slice(0, made)) await step();
    const there = await everythingIn(cluster, namespace);
    expect(there.filter((text) => !text.startsWith('Pod/')).length).toBe([1, 3, 4, 5, 5][made - 1]);
    await cleanupPrJob(cluster, { name: 'half', namespace });
    expect(await everythingIn(cluster, namespace)).toEqual([]);
  });

  test('removes pods of a Job and of a builder that were left without them', async () => {
    const namespace = await world.namespaceWithPods('orphans');
    const { jobName } = await createPrJob(cluster, order({ name: 'orphans', namespace }));
    await eventually(async () => (await kubectl(['get', 'pods', '-n', namespace, '-o', 'name'])) !== '', true);
    await kubectl(['delete', 'job', jobName, '-n', namespace, '--cascade=orphan']);
    const { metadata, spec } = deploymentOf({ name: longGone('orphans'), namespace }) as Manifest & {
      spec: { template: { spec: object } };
    };
    await createAsSomebodyElse({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { ...spec.template.spec, terminationGracePeriodSeconds: 1 },
    });
    const { removed } = await cleanupPrJob(cluster, { name: 'orphans', namespace });
    expect(removed).toContain(`Pod/${namespace}/${longGone('orphans')}`);
    expect(await everythingIn(cluster, namespace)).toEqual([]);
  });

  test('removes tokens that were made for the account', async () => {
    const namespace = await world.namespace('tokens');
    await ensureAccount(cluster, { name: 'tokens', namespace, profile: 'minimal' });
    const annotations = { 'kubernetes.io/service-account.name': 'tokens-buildx-sa' };
    await createAsSomebodyElse({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a-token', namespace, annotations },
      type: 'kubernetes.io/service-account-token',
    });
    // Called so by somebody, and no token.
    await createAsSomebodyElse({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'no-token', namespace, annotations },
    });
    await cleanupPrJob(cluster, { name: 'tokens', namespace });
    expect(await everythingIn(cluster, namespace)).toEqual(['Secret/no-token']);
  });

  test('of one name leaves every other name alone, however alike they are', async () => {
    const namespace = await world.namespace('names');
    const others = ['a-b', 'a-1767225600000', '1767225600000', 'b-a', 'a-1767225600000-config'];
    const made = new Map<string, string>();
    for (const name of ['a', ...others])
      made.set(name, (await createPrJob(cluster, order({ name, namespace, profile: 'minimal' }))).jobName);
    const ofOthers = others.flatMap((name) => {
      const jobName = made.get(name) ?? '';
      return [
        deploymentOf({ name: jobName, namespace }),
        configMapOf(`${jobName}-config`, namespace),
        configMapOf(`${jobName}-config-1`, namespace),
      ];
    });
    await createAsSomebodyElse(
      ...ofOthers,
      deploymentOf({ name: 'pr-job-a', namespace }),
      deploymentOf({ name: longGone('a'), namespace }),
      configMapOf(`${longGone('a')}-config`, namespace),
      configMapOf(`${longGone('a')}-configuration`, namespace),
      configMapOf(`my-${longGone('a')}-config`, namespace),
    );
    const stable = async () =>
      (await everythingIn(cluster, namespace)).filter((text) => !/^(Pod|ReplicaSet)\//.test(text));
    const before = await stable();
    const { removed, kept } = await cleanupPrJob(cluster, { name: 'a', namespace });
    expect(kept).toEqual([]);
    const gone = removed.map((text) => text.replace(`/${namespace}/`, '/')).filter((text) => !text.startsWith('Pod/'));
    expect(gone.toSorted()).toEqual(
      [
        `Job/${made.get('a')}`,
        `Deployment/${longGone('a')}`,
        `ConfigMap/${longGone('a')}-config`,
        'ServiceAccount/a-buildx-sa',
        'Role/a-buildx-role',
        'RoleBinding/a-buildx-rolebinding',
      ].toSorted(),
    );
    expect(await stable()).toEqual(before.filter((text) => !gone.includes(text)));
  });

  test('keeps what is of another server, or of none, and says so', async () => {
    const namespace = await world.namespace('kept');
    const theirs = await createPrJob(cluster, order({ name: 'kept', namespace, profile: 'minimal' }), {
      instance: 'two',
    });
    const labels = builderLabels({ name: 'kept', instance: 'two' });
    await createAsSomebodyElse(
      deploymentOf({ name: theirs.jobName, namespace, labels }),
      configMapOf(`${theirs.jobName}-config`, namespace),
      deploymentOf({ name: longGone('kept'), namespace }),
    );
    for (const instance of ['one', undefined]) {
      const { removed, kept } = await cleanupPrJob(cluster, { name: 'kept', namespace, instance });
      expect(removed).toEqual([]);
      expect(kept).toEqual(
        expect.arrayContaining([
          { object: `Job/${namespace}/${theirs.jobName}`, because: 'it belongs to the server with the instance two' },
          { object: `ServiceAccount/${namespace}/kept-buildx-sa`, because: expect.stringContaining('two') },
          { object: `Deployment/${namespace}/${theirs.jobName}`, because: expect.stringContaining('two') },
          { object: `ConfigMap/${namespace}/${theirs.jobName}-config`, because: 'its Job is somebody else’s' },
          { object: `Deployment/${namespace}/${longGone('kept')}`, because: expect.stringContaining('account') },
        ]),
      );
    }
    expect((await cleanupPrJob(cluster, { name: 'kept', namespace, instance: 'two' })).kept).toEqual([]);
    expect(await everythingIn(cluster, namespace)).toEqual([]);
  });

  test('keeps a Job that is made meanwhile, and the account that it needs', async () => {
    const namespace = await world.namespace('later');
    const first = await createPrJob(cluster, order({ name: 'later', namespace }));
    await patchAsSomebodyElse(`job/${first.jobName}`, namespace, { metadata: { finalizers: ['ephemera.test/held'] } });
    const began = Promise.withResolvers<void>();
    const cleaning = cleanupPrJob(cluster, { name: 'later', namespace }, { onWaiting: () => began.resolve() });
    await began.promise;
    const second = await createPrJob(cluster, order({ name: 'later', namespace }));
    await patchAsSomebodyElse(`job/${first.jobName}`, namespace, { metadata: { finalizers: null } });
    const { removed, kept } = await cleaning;
    expect(removed).toContain(`Job/${namespace}/${first.jobName}`);
    expect(kept.map(({ object }) => object)).toEqual(
      expect.arrayContaining([`Job/${namespace}/${second.jobName}`, `ServiceAccount/${namespace}/later-buildx-sa`]),
    );
    expect(await everythingIn(cluster, namespace)).toEqual(
      expect.arrayContaining([
        `Job/${second.jobName}`,
        'ServiceAccount/later-buildx-sa',
        'RoleBinding/later-buildx-rolebinding',
      ]),
    );
  });
});

function accountMetadata(name: string, namespace: string) {
  const labels = { app: 'catalyst-buildx', 'created-by': 'catalyst-web-app', 'pr-job': name };
  return { name: `${name}-buildx-sa`, namespace, labels };
}
