import { expect, test } from 'vitest';
import { startObjectApi, type Call, type Refusal } from '../../test/object-api.ts';
import { checkOrder } from '../objects/check-order.ts';
import type { PullRequestPodOptions } from '../pull-request-pod.ts';
import { createPrJob } from './create-job.ts';
import { ensureAccount } from './ensure-account.ts';

const repository = {
  url: 'https://git.example/shop.git',
  branch: 'main',
  pullRequest: 7,
  imageName: 'registry.example/shop:7',
  token: 'secret-token',
};
const order = (more: Partial<PullRequestPodOptions> = {}) => checkOrder({ name: 'a', namespace: 'n', ...more });
const keyed = order({ repository, idempotencyKey: 'run-1' });
const account = ['Role/a-buildx-role', 'RoleBinding/a-buildx-rolebinding', 'ServiceAccount/a-buildx-sa'];
const forbidden = { code: 403, reason: 'Forbidden' };

/** Refuses one kind of call. */
const refusing =
  (method: string, kind: string, refusal: Refusal = forbidden) =>
  (call: Call): Refusal =>
    call.method === method && call.path.split('/').includes(kind) ? refusal : undefined;

const ownersOf = (object: object | undefined) =>
  (object as { metadata: { ownerReferences?: { uid: string }[] } } | undefined)?.metadata.ownerReferences?.map(
    ({ uid }) => uid,
  );

test.each([
  ['roles', 'the Role'],
  ['rolebindings', 'the RoleBinding'],
  ['jobs', 'the Job'],
  ['secrets', 'the Secret'],
])('a create of which %s are refused leaves nothing', async (kind) => {
  await using api = await startObjectApi();
  api.before.each = refusing('POST', kind);
  await expect(createPrJob(api.cluster, keyed)).rejects.toMatchObject({ code: 'kube.forbidden' });
  expect(api.names()).toEqual([]);
});

test('an account of which the RoleBinding is refused leaves nothing', async () => {
  await using api = await startObjectApi();
  api.before.each = refusing('POST', 'rolebindings');
  const making = ensureAccount(api.cluster, { name: 'a', namespace: 'n', profile: 'seed' });
  await expect(making).rejects.toMatchObject({ code: 'kube.forbidden' });
  expect(api.names()).toEqual([]);
});

test('an account that was there keeps its rules when a create that would widen them is refused', async () => {
  await using api = await startObjectApi();
  await ensureAccount(api.cluster, { name: 'a', namespace: 'n', profile: 'minimal' });
  const role = () => api.objects.get('/apis/rbac.authorization.k8s.io/v1/namespaces/n/roles/a-buildx-role') as object;
  const { rules } = role() as { rules?: object };
  api.before.each = refusing('POST', 'jobs');
  await expect(createPrJob(api.cluster, order())).rejects.toMatchObject({ code: 'kube.forbidden' });
  expect(role()).toMatchObject({ rules });
  expect(api.names()).toEqual(account);
});

test('the caller’s no right before the Job stops the creation, whatever it is, and what was made is removed', async () => {
  await using api = await startObjectApi();
  const no = new Error('somebody else has the name by now');
  const seen: (readonly string[])[] = [];
  const beforeJob = async () => {
    seen.push(api.names().map((text) => text.replace(/^Secret\/.*/, 'Secret')));
    throw no;
  };
  await expect(createPrJob(api.cluster, keyed, { beforeJob })).rejects.toBe(no);
  expect(seen.map((names) => names.toSorted())).toEqual([[...account, 'Secret'].toSorted()]);
  expect(api.names()).toEqual([]);
});

test.each(['serviceaccounts', 'secrets'])(
  'what goes wrong when the Job is there is told apart: %s refused, and finished when asked again',
  async (kind) => {
    await using api = await startObjectApi();
    api.before.each = refusing('PATCH', kind);
    const error = await createPrJob(api.cluster, keyed).catch((thrown: unknown) => thrown);
    const jobName = expect.stringMatching(/^pr-job-a-\d{13}$/);
    expect(error).toMatchObject({ code: 'pr_job.unfinished', retryable: true, details: { jobName, namespace: 'n' } });
    expect(api.names()).toHaveLength(5);

    api.before.each = () => undefined;
    const { uid, created } = await createPrJob(api.cluster, keyed);
    expect(created).toBe(false);
    const dependents = [...api.objects.values()].filter(({ kind: one }) => /^(Serv|Role|Secret)/.test(one));
    expect(dependents.map(ownersOf)).toEqual([[uid], [uid], [uid], [uid]]);
  },
);

test('a Job whose account was removed while it was made is this call’s all the same', async () => {
  await using api = await startObjectApi();
  let removed = 0;
  api.before.each = ({ method, path }) => {
    if (method === 'PATCH' && path.includes('/serviceaccounts/') && removed === 0) {
      removed += 1;
      api.objects.delete(path);
    }
    return undefined;
  };
  expect(await createPrJob(api.cluster, keyed)).toMatchObject({ created: true });
  expect(removed).toBe(1);
  expect(api.names()).toEqual(expect.arrayContaining(account));
});

test('the same key with another order is refused, with new credentials it is not', async () => {
  await using api = await startObjectApi();
  const first = await createPrJob(api.cluster, keyed);
  const again = (more: object) =>
    createPrJob(api.cluster, order({ idempotencyKey: 'run-1', repository: { ...repository, ...more } }));
  expect(await again({ token: 'renewed' })).toMatchObject({ uid: first.uid, created: false });
  await expect(again({ branch: 'other' })).rejects.toMatchObject({ code: 'pr_job.name_in_use' });
});

test('many at once of one name all get their Job, and the account belongs to all of them', async () => {
  await using api = await startObjectApi();
  const made = await Promise.all(Array.from({ length: 15 }, () => createPrJob(api.cluster, order())));
  const uids = made.map(({ uid }) => uid).toSorted();
  const dependents = [...api.objects.values()].filter(({ kind }) => /^(Serv|Role)/.test(kind));
  expect(dependents.map((object) => ownersOf(object)?.toSorted())).toEqual([uids, uids, uids]);
}, 60_000);

test.each([
  ['nobody has said that it may be', {}, {}, 'pr_job.unguarded'],
  ['the namespace says that it may be', { 'ephemera.dev/unguarded': 'true' }, {}, 'made'],
  ['the caller says that it may be', {}, { allowUnguarded: true }, 'made'],
  ['the cluster refuses privileged pods there', { 'pod-security.kubernetes.io/enforce': 'baseline' }, {}, 'made'],
  [
    'the cluster enforces no more than privileged',
    { 'pod-security.kubernetes.io/enforce': 'privileged' },
    {},
    'pr_job.unguarded',
  ],
])('an account that nothing limits, where %s', async (_what, labels, options, outcome) => {
  await using api = await startObjectApi(labels);
  api.before.each = ({ path }) => (path.includes('admission') ? forbidden : undefined);
  const told = await createPrJob(api.cluster, order(), options).then(
    () => 'made',
    (error: unknown) => (error as { code: string }).code,
  );
  expect(told).toBe(outcome);
  expect(api.names()).toHaveLength(outcome === 'made' ? 4 : 0);
});
