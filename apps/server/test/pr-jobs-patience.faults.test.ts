import { expect, test } from 'vitest';
import { startKubeProxy } from './faults/kube-proxy.ts';
import { prJobNamespace } from './pr-job-namespace.ts';
import { prJobsApi } from './pr-jobs-api.ts';
import { soon, startWorld } from './world.ts';

const patienceSeconds = 60;

test('when the cluster asks the calls for jobs to wait, callers are told so, and environments are made meanwhile', async () => {
  await using namespace = await prJobNamespace();
  await using proxy = await startKubeProxy();
  await using world = await startWorld({
    settings: {
      KUBECONFIG_PATH: proxy.kubeconfigPath,
      SWEEP_EVERY_SECONDS: '86400',
      PR_JOBS_NAMESPACES: namespace.name,
      PR_JOBS_IMAGES: 'busybox:1',
    },
  });
  const jobs = prJobsApi(
    world.server.url,
    `Bearer ${await world.server.createToken({ name: 'jobs', scopes: ['admin'] })}`,
  );
  const refusal = proxy.rule({
    method: 'POST',
    path: `/apis/batch/v1/namespaces/${namespace.name}/jobs`,
    fate: {
      status: 429,
      headers: { 'retry-after': String(patienceSeconds) },
      body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'TooManyRequests', code: 429 },
    },
  });
  const ask = async (name: string) => {
    const answer = await jobs.ask({ name, namespace: namespace.name, image: 'busybox:1' });
    return { status: answer.status, retryAfter: Number(answer.headers.get('retry-after')) };
  };
  const askedAt = performance.now();
  // The first is told by the cluster, the second does not get as far.
  for (const name of ['shop-12', 'shop-13']) {
    const { status, retryAfter } = await ask(name);
    expect(status).toBe(503);
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(patienceSeconds);
  }
  expect(refusal.hits()).toBe(1);
  const pull = await world.repository.open({ head: 'feature' });
  await world.untilTold(pull, 'success: The environment is ready');
  expect(performance.now() - askedAt).toBeLessThan(patienceSeconds * 1000);
  await pull.close();
  await world.untilTold(pull, 'success: Removed');

  refusal[Symbol.dispose]();
  const cleanedUp = async (name: string) =>
    expect(await jobs.cleanup({ name, namespace: namespace.name })).toBeDefined();
  for (const name of ['shop-12', 'shop-13']) await soon(() => cleanedUp(name), { interval: 5_000 });
  expect(await namespace.contents()).toEqual([]);
});
