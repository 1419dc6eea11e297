import type { KubeObject } from '@ephemera/model';
import { expect, test } from 'vitest';
import { startObjectApi, type Call, type ObjectApi } from '../../../test/object-api.ts';
import { checkOrder } from '../../objects/check-order.ts';
import { jobLabels } from '../../objects/labels.ts';
import { createPrJob } from '../create-job.ts';
import { cleanupPrJob } from './cleanup-pr-job.ts';

const target = { name: 'a', namespace: 'n' };

/** A Job with one pod, which runs. */
async function running(): Promise<{ api: ObjectApi; podPath: string; jobPath: string }> {
  const api = await startObjectApi();
  const { jobName } = await createPrJob(api.cluster, checkOrder({ ...target, profile: 'minimal' }));
  const jobPath = `/apis/batch/v1/namespaces/n/jobs/${jobName}`;
  const podPath = '/api/v1/namespaces/n/pods/p';
  const labels = { ...jobLabels('a'), 'batch.kubernetes.io/job-name': jobName };
  const metadata = { name: 'p', namespace: 'n', uid: 'p1', resourceVersion: '1', labels };
  api.objects.set(podPath, { apiVersion: 'v1', kind: 'Pod', metadata });
  setStatus(api, jobPath, { active: 1, ready: 1 });
  return { api, podPath, jobPath };
}

function setStatus({ objects }: ObjectApi, path: string, status: object): void {
  const job = objects.get(path);
  if (job) objects.set(path, { ...job, status } as KubeObject);
}

const changes = (calls: readonly Call[]) =>
  calls.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path.split('/').at(-2)}`);

test('a Job that runs is told to end, and goes with its account when its pod has gone', async () => {
  const { api, podPath, jobPath } = await running();
  await using _ = api;
  api.calls.length = 0;
  const there: (readonly string[])[] = [];
  let looks = 0;
  api.before.each = ({ method, path }) => {
    if (method === 'DELETE' && path === jobPath) there.push(api.names());
    if (method !== 'GET' || !path.endsWith('/pods')) return undefined;
    looks += 1;
    // It has got the signal, and is ending: no longer counted as active.
    if (looks === 2) setStatus(api, jobPath, { terminating: 1 });
    if (looks === 4) {
      api.objects.delete(podPath);
      setStatus(api, jobPath, { failed: 1, conditions: [{ type: 'Failed', status: 'True' }] });
    }
    return undefined;
  };
  await cleanupPrJob(api.cluster, target);
  expect(changes(api.calls).slice(0, 2)).toEqual(['PATCH jobs', 'DELETE jobs']);
  expect(there).toEqual([expect.arrayContaining(['RoleBinding/a-buildx-rolebinding', 'ServiceAccount/a-buildx-sa'])]);
  expect(there[0]).not.toContain('Pod/p');
  expect(api.names()).toEqual([]);
});

test('a pod that does not end holds up its Job for half of the time at most', async () => {
  const { api } = await running();
  await using _ = api;
  api.calls.length = 0;
  const began = performance.now();
  await cleanupPrJob(api.cluster, target, { timeoutMs: 4_000 });
  expect(performance.now() - began).toBeGreaterThan(2_000);
  expect(changes(api.calls).slice(0, 2)).toEqual(['PATCH jobs', 'DELETE jobs']);
  expect(api.names()).toEqual([]);
}, 20_000);

test.each([
  ['may not be changed', { active: 1 }, ['PATCH jobs', 'DELETE jobs']],
  ['has ended', { failed: 1, conditions: [{ type: 'Failed', status: 'True' }] }, ['DELETE jobs', 'DELETE pods']],
  ['has no pod yet', {}, ['DELETE jobs', 'DELETE pods']],
])('a Job that %s is removed at once', async (_what, status, expected) => {
  const { api, jobPath } = await running();
  await using _api = api;
  setStatus(api, jobPath, status);
  api.calls.length = 0;
  api.before.each = ({ method, path }) =>
    method === 'PATCH' && path === jobPath ? { code: 403, reason: 'Forbidden' } : undefined;
  await cleanupPrJob(api.cluster, target, { onWaiting: (text) => expect(text).not.toContain('are given the time') });
  expect(changes(api.calls).slice(0, 2)).toEqual(expected);
});

test('waiting looks only at what is waited for', async () => {
  const { api, podPath, jobPath } = await running();
  await using _ = api;
  api.calls.length = 0;
  const looksAt = (kind: string) => api.calls.filter(({ path }) => path.endsWith(`/${kind}`)).length;
  api.before.each = () => {
    if (looksAt('pods') < 6 || !api.objects.delete(podPath)) return undefined;
    setStatus(api, jobPath, { failed: 1, conditions: [{ type: 'Failed', status: 'True' }] });
    return undefined;
  };
  await cleanupPrJob(api.cluster, target);
  expect(looksAt('pods')).toBeGreaterThanOrEqual(6);
  // Before anything is removed, when the Job has gone, and when the account has.
  expect(looksAt('configmaps')).toBe(3);
});
