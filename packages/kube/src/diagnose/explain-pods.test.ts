import { afterEach, expect, test } from 'vitest';
import { accessTo, apiServer, json, refusal, type Answer, type ApiServer } from '../../test/api-server.ts';
import {
  after,
  event,
  failedJob,
  jobOf,
  podOf,
  podWith,
  running,
  stamp,
  terminated,
  waiting,
} from '../../test/recorded.ts';
import { connectCluster, instanceOwner, type Cluster } from '../index.ts';
import { explainPods } from './explain-pods.ts';

let server: ApiServer;
let cluster: Cluster;
afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function clusterThat(...answers: readonly Answer[]): Promise<void> {
  server = await apiServer(...answers);
  cluster = await connectCluster(accessTo(server.url), instanceOwner('test'));
}

const eventList = (...items: readonly object[]): Answer => json(200, { metadata: { resourceVersion: '1' }, items });
const namespace = 'shop';
const job = jobOf();

test('events are asked for by UID: of a Job without pods', async () => {
  const said = 'exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0';
  await clusterThat(eventList(event('FailedCreate', said, { about: job })));
  await expect(explainPods(cluster, { namespace, job, pods: [], now: after(11) })).resolves.toMatchObject({
    code: 'pod.quota',
  });
  expect(server.asked).toHaveLength(1);
  expect(server.asked[0]).toMatchObject({
    path: '/api/v1/namespaces/shop/events',
    query: { fieldSelector: 'involvedObject.uid=uid-work' },
  });
});

test('and of the five pods that have been stuck longest, not of those that run or are done', async () => {
  await clusterThat(eventList());
  const stuck = Array.from({ length: 8 }, (_, age) =>
    podWith(waiting('ContainerCreating'), { name: `stuck-${age}`, metadata: { creationTimestamp: stamp(100 - age) } }),
  );
  const pods = [...stuck, podWith(running, { name: 'runs' }), podWith(terminated(0), { name: 'done' })];
  const many = jobOf({ parallelism: 10, completions: 10 }, { active: 9, succeeded: 1 });
  await explainPods(cluster, { namespace, job: many, pods, now: after(101) });
  expect(new Set(server.asked.map(({ query }) => query.fieldSelector))).toEqual(
    new Set([3, 4, 5, 6, 7].map((age) => `involvedObject.uid=uid-stuck-${age}`)),
  );
});

test('nothing is asked when nothing is stuck or missing', async () => {
  await clusterThat(eventList());
  const failed = failedJob('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  const pods = [podWith(terminated(3))];
  await expect(explainPods(cluster, { namespace, job: failed, pods })).resolves.toMatchObject({ code: 'pod.crashed' });
  await expect(explainPods(cluster, { namespace, job, pods: [podWith(running)] })).resolves.toBeUndefined();
  expect(server.asked).toEqual([]);
});

test('a UID that is none becomes no selector', async () => {
  await clusterThat(eventList());
  const pod = podOf({ metadata: { uid: 'x,involvedObject.namespace=other' } });
  await explainPods(cluster, { namespace, pods: [pod], now: after(1) });
  expect(server.asked).toEqual([]);
});

test('without the right to list events the states of the pods still say most', async () => {
  await clusterThat(refusal(403, 'Forbidden'));
  const pod = podWith(waiting('CreateContainerConfigError', 'secret "nope" not found'));
  await expect(explainPods(cluster, { namespace, job, pods: [pod], now: after(5) })).resolves.toMatchObject({
    code: 'pod.config',
    final: true,
    hint: expect.stringContaining('may not list events'),
  });
});

test('a cluster that fails is an error, not an absence of events', async () => {
  await clusterThat(refusal(401, 'Unauthorized'));
  await expect(explainPods(cluster, { namespace, job, pods: [], now: after(99) })).rejects.toMatchObject({
    code: 'kube.unauthenticated',
  });
});

test('ages are counted by the clock of the cluster', async () => {
  const ahead = { ...job, metadata: { ...job.metadata, creationTimestamp: inSeconds(600) }, status: {} };
  const answer =
    (seconds: number): Answer =>
    (response, asked) => {
      response.setHeader('date', new Date(Date.now() + seconds * 1000).toUTCString());
      (asked.path === '/version' ? json(200, {}) : eventList())(response, asked);
    };
  await clusterThat(answer(610));
  await expect(explainPods(cluster, { namespace, job: ahead, pods: [] })).resolves.toBeUndefined();
  await cluster[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await clusterThat(answer(640));
  await expect(explainPods(cluster, { namespace, job: ahead, pods: [] })).resolves.toMatchObject({
    code: 'pod.missing',
  });
});

function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}
