import { expect, test } from 'vitest';
import { startObjectApi, type ObjectApi } from '../../test/object-api.ts';
import { checkOrder } from '../objects/check-order.ts';
import { createPrJob } from './create-job.ts';
import { prJobStatus } from './pr-job-status.ts';

const shop = {
  url: 'https://git.example/shop.git',
  branch: 'main',
  pullRequest: 7,
  imageName: 'registry.example/shop:7',
  token: 'secret-token',
};

/** With the guard known to be in place, as it is for all but the first job in five minutes. */
async function warm(): Promise<ObjectApi> {
  const api = await startObjectApi();
  await createPrJob(api.cluster, checkOrder({ name: 'first', namespace: 'n', profile: 'minimal' }));
  return api;
}

async function counted(api: ObjectApi, work: () => Promise<unknown>): Promise<{ calls: number; steps: number }> {
  const [calls, steps] = [api.calls.length, api.steps()];
  await work();
  return { calls: api.calls.length - calls, steps: api.steps() - steps };
}

test('a job costs the API server few calls, and few of them wait for each other', async () => {
  await using api = await warm();
  await using other = await warm();
  const make = (name: string, more: object = {}, where = api) =>
    counted(where, () => createPrJob(where.cluster, checkOrder({ name, namespace: 'n', ...more })));
  const key = { idempotencyKey: 'run-1' };

  const counts = [
    await make('repository', { repository: shop }, other),
    await make('minimal', { profile: 'minimal' }),
    await make('seed'),
    await make('seed'),
    await make('keyed', key),
    await make('keyed', key),
  ];
  expect(counts.map(({ calls }) => calls)).toEqual([16, 12, 14, 11, 15, 7]);
  // One after the other; a machine that is busy may see one more.
  const most = [10, 8, 9, 7, 9, 4];
  expect(counts.filter(({ steps }, at) => steps > (most[at] ?? 0))).toEqual([]);
});

test('that the guard cannot be put in place is not asked again by each job', async () => {
  await using api = await startObjectApi({ 'ephemera.dev/unguarded': 'true' });
  api.before.each = ({ path }) => (path.includes('admission') ? { code: 403, reason: 'Forbidden' } : undefined);
  const make = () => createPrJob(api.cluster, checkOrder({ name: 'a', namespace: 'n' }));
  const first = await make();
  const second = await make();
  expect(api.calls.filter(({ path }) => path.includes('admission'))).toHaveLength(2);
  expect(second.warnings).toEqual(first.warnings);
  expect(first.warnings).toEqual([expect.stringMatching(/^Nothing limits/)]);
});

test('a status reads the Job once', async () => {
  await using api = await warm();
  const { jobName } = await createPrJob(api.cluster, checkOrder({ name: 'read', namespace: 'n' }));
  api.calls.length = 0;
  await prJobStatus(api.cluster, { jobName, namespace: 'n' });
  expect(api.calls.filter(({ path }) => path.endsWith(jobName))).toHaveLength(1);
});
