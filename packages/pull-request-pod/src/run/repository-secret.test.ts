import { expect, test } from 'vitest';
import { startObjectApi, type ObjectApi } from '../../test/object-api.ts';
import { checkOrder } from '../objects/check-order.ts';
import { createPrJob } from './create-job.ts';

const reader = checkOrder({ name: 'reader', namespace: 'n', profile: 'seed' });
const secretive = checkOrder({
  name: 'secretive',
  namespace: 'n',
  idempotencyKey: 'k',
  repository: {
    url: 'https://git.example/shop.git',
    branch: 'main',
    pullRequest: 7,
    imageName: 'registry.example/shop:7',
    token: 'secret-token',
  },
});

/** Does something once, right before an object of a kind is made. */
function beforeFirst(api: ObjectApi, kind: string, work: () => Promise<unknown>): void {
  let isDone = false;
  api.before.each = async ({ method, path }) => {
    if (isDone || method !== 'POST' || !path.endsWith(`/${kind}`)) return undefined;
    isDone = true;
    await work();
    return undefined;
  };
}

test('a Secret that is made between the look for Secrets and the Role that reads them is found before that is bound', async () => {
  await using api = await startObjectApi();
  beforeFirst(api, 'roles', () => createPrJob(api.cluster, secretive));
  await expect(createPrJob(api.cluster, reader)).rejects.toMatchObject({ code: 'pr_job.foreign_secrets' });
  expect(api.names().filter((text) => text.includes('reader'))).toEqual([]);
  expect(api.names().filter((text) => text.includes('secretive'))).toHaveLength(5);
});

test('a Role that reads Secrets and is made between the look for such and the Secret is found before the Job is made', async () => {
  await using api = await startObjectApi();
  beforeFirst(api, 'secrets', () => createPrJob(api.cluster, reader));
  await expect(createPrJob(api.cluster, secretive)).rejects.toMatchObject({ code: 'pr_job.readable' });
  expect(api.names().filter((text) => text.includes('secretive'))).toEqual([]);
  expect(api.names().filter((text) => text.includes('reader'))).toHaveLength(4);
});

test('the profile seed is refused beside the credentials of an earlier job of the same name: both work as one account', async () => {
  await using api = await startObjectApi();
  await createPrJob(api.cluster, secretive);
  const before = api.names();
  const wider = checkOrder({ name: 'secretive', namespace: 'n', profile: 'seed' });
  await expect(createPrJob(api.cluster, wider)).rejects.toMatchObject({ code: 'pr_job.foreign_secrets' });
  expect(api.names()).toEqual(before);
});

test('a Role of the same name that was widened before the Secret is made stops the job with the credentials', async () => {
  await using api = await startObjectApi();
  beforeFirst(api, 'secrets', () =>
    createPrJob(api.cluster, checkOrder({ name: 'secretive', namespace: 'n', profile: 'seed' })),
  );
  await expect(createPrJob(api.cluster, secretive)).rejects.toMatchObject({ code: 'pr_job.readable' });
  expect(api.names().filter((text) => text.startsWith('Secret/'))).toEqual([]);
});

test('a Secret that was lost and is made again for its Job is not made where somebody reads Secrets by now', async () => {
  await using api = await startObjectApi();
  const { jobName } = await createPrJob(api.cluster, secretive);
  api.objects.delete(`/api/v1/namespaces/n/secrets/${jobName}-repository`);
  await createPrJob(api.cluster, reader);
  await expect(createPrJob(api.cluster, secretive)).rejects.toMatchObject({
    code: 'pr_job.unfinished',
    message: expect.stringContaining('reader-buildx-role'),
  });
  expect(api.names().filter((text) => text.startsWith('Secret/'))).toEqual([]);
});

test('tokens that others claim to be of the own account are Secrets of others', async () => {
  await using api = await startObjectApi();
  const annotations = { 'kubernetes.io/service-account.name': 'reader-buildx-sa' };
  const metadata = (name: string) => ({ name, namespace: 'n', uid: name, annotations });
  const keep = (name: string, type: string) => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: metadata(name), type };
    api.objects.set(`/api/v1/namespaces/n/secrets/${name}`, secret);
  };
  keep('own', 'kubernetes.io/service-account-token');
  await createPrJob(api.cluster, reader);
  keep('claimed', 'Opaque');
  await expect(createPrJob(api.cluster, reader)).rejects.toMatchObject({
    code: 'pr_job.foreign_secrets',
    details: { secrets: ['claimed'] },
  });
});
