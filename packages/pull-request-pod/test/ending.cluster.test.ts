import { refOf } from '@ephemera/kube';
import type { Job } from '@ephemera/model';
import { afterAll, expect, test, vi } from 'vitest';
import { cleanupPrJob, createPrJob, jobOwner, prJobNames, prJobObject } from '../src/index.ts';
import { everythingIn, order, patience, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster } = world;

/** Takes four seconds to end, as one does that removes its builder. */
const slowToEnd = `trap 'sleep 4; exit 0' TERM; while :; do sleep 1; done`;

test('a job that is cleaned up while it runs keeps its account until its pod has ended, and is gone then', async () => {
  const namespace = await world.namespaceWithPods('ending');
  const target = { name: 'ending', namespace };
  const jobName = 'pr-job-ending-1767225600000';
  const wanted = order(target);
  const { spec, ...rest } = prJobObject({ order: wanted, jobName, request: 'r' });
  const [container] = spec.template.spec.containers;
  const containers = [{ ...(container ?? expect.unreachable()), command: ['sh', '-c', slowToEnd] }];
  const template = { ...spec.template, spec: { ...spec.template.spec, containers } };
  const job: Job = { ...rest, spec: { ...spec, template } };
  await cluster.as(jobOwner(target)).create(job);
  expect(await createPrJob(cluster, wanted, { jobName, request: 'r' })).toMatchObject({ jobName });
  await vi.waitFor(async () => expect((await cluster.get<Job>(refOf(job)))?.status?.ready).toBe(1), patience);

  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    namespace,
    name: prJobNames('ending').roleBinding,
  };
  const over = new AbortController();
  const cleaning = cleanupPrJob(cluster, target).finally(() => over.abort());
  const seen = { endingWithRights: 0, endingWithout: 0 };
  while (!over.signal.aborted) {
    // The rights first: where they are gone and a pod is there afterwards, it was without them.
    const rights = await cluster.get(binding);
    const pods = await cluster.list('v1/Pod', { namespace });
    if (pods.items.some(({ metadata }) => metadata.deletionTimestamp !== undefined))
      seen[rights ? 'endingWithRights' : 'endingWithout'] += 1;
  }
  const { removed } = await cleaning;
  expect(seen.endingWithRights).toBeGreaterThan(0);
  expect(seen.endingWithout).toBe(0);
  expect(removed).toContain(`Job/${namespace}/${jobName}`);
  expect(await everythingIn(cluster, namespace)).toEqual([]);
});
