import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, describe, expect, test } from 'vitest';
import { createPrJob, ensureAccount, prJobNames } from '../src/index.ts';
import {
  eventually,
  everythingIn,
  order,
  ownersOf,
  patchAsSomebodyElse,
  startWorld,
  privateRepository as repository,
} from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster } = world;

const accountOf = (name: string) => {
  const { serviceAccount, role, roleBinding } = prJobNames(name);
  return [`serviceaccount/${serviceAccount}`, `role/${role}`, `rolebinding/${roleBinding}`];
};
const ownersOfAccount = (name: string, namespace: string) =>
  Promise.all(accountOf(name).map((what) => ownersOf(what, namespace)));
const jobs = (...uids: readonly string[]) => accountOf('').map(() => uids.map((uid) => `Job/${uid}`).toSorted());
describe.concurrent('the account of a name', () => {
  test('belongs to all its Jobs, also to those made at the same time', async () => {
    const namespace = await world.namespace('owned');
    const first = await createPrJob(cluster, order({ name: 'shared', namespace }));
    expect(await ownersOfAccount('shared', namespace)).toEqual(jobs(first.uid));
    const more = await Promise.all([1, 2, 3, 4].map(() => createPrJob(cluster, order({ name: 'shared', namespace }))));
    expect(await ownersOfAccount('shared', namespace)).toEqual(jobs(first.uid, ...more.map(({ uid }) => uid)));
    await ensureAccount(cluster, { name: 'shared', namespace, profile: 'minimal' });
    expect(await ownersOfAccount('shared', namespace)).toEqual(jobs(first.uid, ...more.map(({ uid }) => uid)));
  });

  test('stays while one of its Jobs is there, and goes with the last one', async () => {
    const namespace = await world.namespace('last');
    const first = await createPrJob(cluster, order({ name: 'shared', namespace }));
    const second = await createPrJob(cluster, order({ name: 'shared', namespace }));
    await kubectl(['delete', 'job', first.jobName, '-n', namespace, '--cascade=foreground']);
    await eventually(() => ownersOfAccount('shared', namespace), jobs(second.uid));
    await kubectl(['delete', 'job', second.jobName, '-n', namespace, '--cascade=foreground']);
    await eventually(() => everythingIn(cluster, namespace), []);
  });

  test('goes with the Job, its pods and its Secret when the time of the Job after its end is over, without any call of ours', async () => {
    const namespace = await world.namespaceWithPods('ttl');
    const { jobName } = await createPrJob(cluster, order({ name: 'brief', namespace, profile: 'minimal', repository }));
    expect(await everythingIn(cluster, namespace)).toEqual(
      expect.arrayContaining([`Job/${jobName}`, `Secret/${jobName}-repository`, 'ServiceAccount/brief-buildx-sa']),
    );
    await patchAsSomebodyElse(`job/${jobName}`, namespace, {
      spec: { ttlSecondsAfterFinished: 1, backoffLimit: 0, activeDeadlineSeconds: 1 },
    });
    await eventually(() => everythingIn(cluster, namespace), []);
  });

  test('made without a Job has no owner and stays; making it again changes what differs and says that it was there', async () => {
    const namespace = await world.namespace('alone');
    const made = await ensureAccount(cluster, { name: 'alone', namespace, profile: 'seed' });
    expect(made).toEqual({
      serviceAccountName: 'alone-buildx-sa',
      roleName: 'alone-buildx-role',
      roleBindingName: 'alone-buildx-rolebinding',
      namespace,
      created: true,
    });
    expect(await ownersOfAccount('alone', namespace)).toEqual([[], [], []]);
    await patchAsSomebodyElse('role/alone-buildx-role', namespace, {
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    });
    expect(await ensureAccount(cluster, { name: 'alone', namespace, profile: 'seed' })).toEqual({
      ...made,
      created: false,
    });
    expect(await kubectl(['get', 'role', 'alone-buildx-role', '-n', namespace, '-o', 'json'])).not.toContain('"*"');
  });

  test('that was removed while its Job is there is made again by the same request', async () => {
    const namespace = await world.namespace('mended');
    const keyed = order({ name: 'mended', namespace, idempotencyKey: 'k' });
    const { jobName, uid } = await createPrJob(cluster, keyed);
    await kubectl(['delete', ...accountOf('mended'), '-n', namespace]);
    expect(await createPrJob(cluster, keyed)).toMatchObject({ jobName, uid, created: false });
    expect(await ownersOfAccount('mended', namespace)).toEqual(jobs(uid));
    for (const what of accountOf('mended'))
      await patchAsSomebodyElse(what, namespace, { metadata: { ownerReferences: null } });
    expect(await createPrJob(cluster, keyed)).toMatchObject({ uid, created: false });
    expect(await ownersOfAccount('mended', namespace)).toEqual(jobs(uid));
  });

  test('that is just being removed is waited for, and made anew', async () => {
    const namespace = await world.namespace('ending');
    await ensureAccount(cluster, { name: 'slow', namespace, profile: 'seed' });
    await patchAsSomebodyElse('role/slow-buildx-role', namespace, { metadata: { finalizers: ['ephemera.test/held'] } });
    await kubectl(['delete', 'role', 'slow-buildx-role', '-n', namespace, '--wait=false']);
    const making = createPrJob(cluster, order({ name: 'slow', namespace }));
    await patchAsSomebodyElse('role/slow-buildx-role', namespace, { metadata: { finalizers: null } });
    const { uid } = await making;
    expect(await ownersOfAccount('slow', namespace)).toEqual(jobs(uid));
  });
});
