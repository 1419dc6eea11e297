import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { afterAll, describe, expect, test } from 'vitest';
import { createPrJob, ensureAccount, prJobNames, rulesOf, unguardedLabel } from '../src/index.ts';
import { createAsSomebodyElse, everythingIn, order, startWorld, privateRepository as repository } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster } = world;

const secretOf = (name: string, namespace: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace, ...more },
  stringData: { password: 'hunter2' },
});
describe.concurrent('making a pull-request job', () => {
  test('makes the Job with its account, as kubectl and the debugging commands of the document show it', async () => {
    const namespace = await world.namespace('made');
    const made = await createPrJob(cluster, order({ name: 'pr-1', namespace }));
    expect(made).toEqual({
      jobName: expect.stringMatching(/^pr-job-pr-1-\d{13}$/),
      serviceAccountName: 'pr-1-buildx-sa',
      namespace,
      created: true,
      profile: 'seed',
      warnings: [],
      uid: expect.any(String),
    });
    const inIt = ['-n', namespace];
    expect(await kubectl(['get', 'jobs', '-l', 'pr-name=pr-1', '-o', 'name', ...inIt])).toBe(
      `job.batch/${made.jobName}\n`,
    );
    expect(await kubectl(['get', 'serviceaccount', 'pr-1-buildx-sa', '-o', 'name', ...inIt])).toBe(
      'serviceaccount/pr-1-buildx-sa\n',
    );
    const described = await kubectl(['describe', 'role', 'pr-1-buildx-role', ...inIt]);
    expect(described).toMatch(/pods\s+\[\]\s+\[\]\s+\[create get list watch delete\]/);
    expect(described).toMatch(/pods\/log\s+\[\]\s+\[\]\s+\[get\]/);
    expect(described).toMatch(/secrets\s+\[\]\s+\[\]\s+\[get list\]/);
    const account = 'app=catalyst-buildx,created-by=catalyst-web-app,pr-job=pr-1';
    expect(await kubectl(['get', 'serviceaccounts,roles,rolebindings', '-l', account, '-o', 'name', ...inIt])).toBe(
      [
        'serviceaccount/pr-1-buildx-sa',
        'role.rbac.authorization.k8s.io/pr-1-buildx-role',
        'rolebinding.rbac.authorization.k8s.io/pr-1-buildx-rolebinding\n',
      ].join('\n'),
    );
  });

  test('again makes a second Job beside the first, with the same account', async () => {
    const namespace = await world.namespace('twice');
    const first = await createPrJob(cluster, order({ name: 'again', namespace }));
    const second = await createPrJob(cluster, order({ name: 'again', namespace, profile: 'minimal' }));
    expect(second.jobName).not.toBe(first.jobName);
    expect(second).toMatchObject({ created: true, profile: 'minimal' });
    const role = await kubectlJson<{ rules: object }>('get', 'role', 'again-buildx-role', '-n', namespace);
    expect(role.rules).toEqual(rulesOf('minimal'));
  });

  test('by five at once with one idempotency key makes one Job; without a key, one each', async () => {
    const namespace = await world.namespace('at-once');
    const five = <Value>(make: () => Promise<Value>) => Promise.all(Array.from({ length: 5 }, make));
    const jobs = async (name: string) =>
      (await kubectl(['get', 'jobs', '-l', `pr-name=${name}`, '-o', 'name', '-n', namespace])).trim().split('\n');
    const keyed = await five(() => createPrJob(cluster, order({ name: 'keyed', namespace, idempotencyKey: 'run-7' })));
    expect(new Set(keyed.map(({ jobName }) => jobName)).size).toBe(1);
    expect(keyed.filter(({ created }) => created)).toHaveLength(1);
    expect(await jobs('keyed')).toHaveLength(1);
    expect(await createPrJob(cluster, order({ name: 'keyed', namespace, idempotencyKey: 'run-7' }))).toEqual({
      ...keyed[0],
      created: false,
    });
    const other = await createPrJob(cluster, order({ name: 'keyed', namespace, idempotencyKey: 'run-8' }));
    expect(other).toMatchObject({ created: true });
    const each = await five(() => createPrJob(cluster, order({ name: 'each', namespace })));
    expect(new Set(each.map(({ jobName }) => jobName)).size).toBe(5);
    expect(each.every(({ created }) => created)).toBe(true);
    expect(await jobs('each')).toHaveLength(5);
  });

  test('with a name that another request has is refused, and leaves its Job alone', async () => {
    const namespace = await world.namespace('reserved');
    const jobName = 'pr-job-reserved-1767225600000';
    const wanted = order({ name: 'reserved', namespace });
    const mine = await createPrJob(cluster, wanted, { jobName, request: 'mine' });
    expect(mine).toMatchObject({ jobName, created: true });
    expect(await createPrJob(cluster, wanted, { jobName, request: 'mine' })).toMatchObject({
      created: false,
      uid: mine.uid,
    });
    await expect(createPrJob(cluster, wanted, { jobName, request: 'another' })).rejects.toMatchObject({
      code: 'pr_job.name_in_use',
    });
    const left = await kubectlJson<{ metadata: { uid: string } }>('get', 'job', jobName, '-n', namespace);
    expect(left.metadata.uid).toBe(mine.uid);
  });

  test('in a namespace that is missing, or being removed, says so and makes nothing', async () => {
    await expect(createPrJob(cluster, order({ name: 'lost', namespace: world.unused('no') }))).rejects.toMatchObject({
      code: 'pr_job.namespace_missing',
    });
    const blind = await world.accountWith(await world.namespace('blind'), {
      inside: [],
      anywhere: [
        { apiGroups: ['*'], resources: ['*'], verbs: ['list', 'create', 'patch'] },
        canReadAllBut('namespaces'),
      ],
    });
    await expect(
      createPrJob(blind, order({ name: 'lost', namespace: world.unused('no'), profile: 'minimal' })),
    ).rejects.toMatchObject({ code: 'pr_job.namespace_missing' });
    const ending = await world.namespace('ending');
    const finalizers = (value: readonly string[]) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: held(value) });
    const held = (value: readonly string[]) => ({ name: 'held', namespace: ending, finalizers: value });
    await createAsSomebodyElse(finalizers(['ephemera.test/held']));
    await kubectl(['delete', 'namespace', ending, '--wait=false']);
    await expect(createPrJob(cluster, order({ name: 'late', namespace: ending }))).rejects.toMatchObject({
      code: 'kube.terminating',
    });
    await kubectl(['patch', 'configmap', 'held', '-n', ending, '-p', '{"metadata":{"finalizers":null}}']);
  });

  test.each(['serviceaccount', 'role', 'rolebinding'] as const)(
    'where its %s is somebody else’s is refused, and nothing is written',
    async (kind) => {
      const namespace = await world.namespace(`foreign-${kind}`);
      const names = prJobNames('theirs');
      await createAsSomebodyElse(
        {
          serviceaccount: {
            apiVersion: 'v1',
            kind: 'ServiceAccount',
            metadata: { name: names.serviceAccount, namespace },
          },
          role: { apiVersion: rbac, kind: 'Role', metadata: { name: names.role, namespace } },
          rolebinding: {
            apiVersion: rbac,
            kind: 'RoleBinding',
            metadata: { name: names.roleBinding, namespace },
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'x' },
          },
        }[kind],
      );
      const before = await everythingIn(cluster, namespace);
      const making = createPrJob(cluster, order({ name: 'theirs', namespace }), { instance: 'one' });
      await expect(making).rejects.toMatchObject({ code: 'kube.foreign' });
      expect(await everythingIn(cluster, namespace)).toEqual(before);
    },
  );

  test('of a name that another server has is refused, and its job is left as it is', async () => {
    const namespace = await world.namespace('servers');
    await createPrJob(cluster, order({ name: 'shared', namespace }), { instance: 'one' });
    const before = await withoutPods(namespace);
    for (const instance of ['two', undefined]) {
      await expect(createPrJob(cluster, order({ name: 'shared', namespace }), { instance })).rejects.toMatchObject({
        code: 'kube.foreign',
      });
    }
    expect(await withoutPods(namespace)).toEqual(before);
  });

  test('with the profile seed is refused where a Secret of others is, and with minimal is not', async () => {
    const namespace = await world.namespace('secrets');
    await createPrJob(cluster, order({ name: 'own', namespace }));
    await createAsSomebodyElse({
      ...secretOf('own-token', namespace, { annotations: { 'kubernetes.io/service-account.name': 'own-buildx-sa' } }),
      type: 'kubernetes.io/service-account-token',
      stringData: {},
    });
    // Its own account's token is no Secret of others.
    await createPrJob(cluster, order({ name: 'own', namespace }));
    await createAsSomebodyElse(secretOf('database', namespace));
    const before = await withoutPods(namespace);
    const error: unknown = await createPrJob(cluster, order({ name: 'nosy', namespace })).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'pr_job.foreign_secrets',
      message: expect.stringContaining('database'),
      hint: expect.stringContaining('minimal'),
    });
    expect(JSON.stringify(error)).not.toContain('hunter2');
    expect(await withoutPods(namespace)).toEqual(before);
    await expect(ensureAccount(cluster, { name: 'nosy', namespace, profile: 'seed' })).rejects.toMatchObject({
      code: 'pr_job.foreign_secrets',
    });
    expect(await everythingIn(cluster, namespace)).not.toContain('ServiceAccount/nosy-buildx-sa');
    expect(await createPrJob(cluster, order({ name: 'nosy', namespace, profile: 'minimal' }))).toMatchObject({
      created: true,
      warnings: [],
    });
  });

  test('that the cluster refuses leaves nothing', async () => {
    const namespace = await world.namespace('quota');
    const hard = { 'count/jobs.batch': '0' };
    await createAsSomebodyElse({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q', namespace },
      spec: { hard },
    });
    const making = () => createPrJob(cluster, order({ name: 'big', namespace, repository }));
    await expect(making()).rejects.toMatchObject({ code: 'kube.quota_exceeded' });
    expect(await everythingIn(cluster, namespace)).toEqual(['ResourceQuota/q']);
  });

  test('without a guard is refused, but where the namespace says that nothing need limit jobs and holds no Secret of others', async () => {
    const namespace = await world.namespace('unguarded');
    const local = await world.accountWith(namespace, {
      inside: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    });
    const minimal = order({ name: 'free', namespace, profile: 'minimal' });
    const refused = { code: 'pr_job.unguarded', hint: expect.stringContaining(`${unguardedLabel}=true`) };
    await expect(createPrJob(local, minimal)).rejects.toMatchObject(refused);
    expect(await withoutPods(namespace)).not.toContain('ServiceAccount/free-buildx-sa');
    const { warnings } = await createPrJob(local, minimal, { allowUnguarded: true });
    expect(warnings).toEqual([expect.stringMatching(/^Nothing limits what the job's account may create .*refused/)]);
    const seeing = await world.accountWith(namespace, {
      inside: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
      anywhere: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }],
    });
    await kubectl(['label', 'namespace', namespace, `${unguardedLabel}=true`]);
    expect(await createPrJob(seeing, minimal)).toMatchObject({
      created: true,
      warnings: [expect.stringMatching(/^Nothing limits/)],
    });
    await createAsSomebodyElse(secretOf('database', namespace));
    await expect(createPrJob(seeing, minimal)).rejects.toMatchObject({ code: 'pr_job.unguarded' });
    const reader = await world.accountWith(namespace, {
      inside: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
      anywhere: [{ apiGroups: ['admissionregistration.k8s.io'], resources: ['*'], verbs: ['get'] }],
    });
    expect(await createPrJob(reader, minimal)).toMatchObject({ created: true, warnings: [] });
  });

  test('where Pod Security is enforced warns that builders will be refused', async () => {
    const namespace = await world.namespace('baseline', { 'pod-security.kubernetes.io/enforce': 'baseline' });
    expect((await createPrJob(cluster, order({ name: 'base', namespace }))).warnings).toEqual([
      expect.stringContaining('Pod Security level baseline'),
    ]);
  });

  test('by an account that lacks a right which it would grant leaves nothing', async () => {
    const namespace = await world.namespace('narrow');
    const kinds = ['serviceaccounts', 'roles', 'rolebindings', 'jobs', 'secrets'];
    const narrow = await world.accountWith(namespace, {
      inside: [{ apiGroups: ['*'], resources: kinds, verbs: ['get', 'list', 'create', 'patch', 'delete'] }],
      anywhere: [{ apiGroups: ['admissionregistration.k8s.io'], resources: ['*'], verbs: ['get'] }],
    });
    const before = await withoutPods(namespace);
    await expect(createPrJob(narrow, order({ name: 'grant', namespace }))).rejects.toMatchObject({
      code: 'kube.forbidden',
    });
    await expect(ensureAccount(narrow, { name: 'grant', namespace, profile: 'seed' })).rejects.toMatchObject({
      code: 'kube.forbidden',
    });
    expect(await withoutPods(namespace)).toEqual(before);
  });

  test('with a privileged builder warns where the namespace does not allow one', async () => {
    const strict = await world.namespace('strict');
    const open = await world.namespace('open', { 'ephemera.dev/privileged-builders': 'true' });
    const making = (namespace: string) =>
      createPrJob(cluster, order({ name: 'root', namespace, builder: 'privileged' }));
    expect((await making(strict)).warnings).toEqual([expect.stringContaining('ephemera.dev/privileged-builders=true')]);
    expect((await making(open)).warnings).toEqual([]);
  });
});

const rbac = 'rbac.authorization.k8s.io/v1';

/** Pods come when the cluster makes them, and Jobs of these tests have none that lasts. */
async function withoutPods(namespace: string): Promise<readonly string[]> {
  return (await everythingIn(cluster, namespace)).filter((text) => !text.startsWith('Pod/'));
}

function canReadAllBut(resource: string): object {
  const kinds = ['secrets', 'serviceaccounts', 'roles', 'rolebindings', 'jobs', 'validatingadmissionpolicies'];
  const resources = [...kinds, 'validatingadmissionpolicybindings'].filter((kind) => kind !== resource);
  return { apiGroups: ['*'], resources, verbs: ['get'] };
}
