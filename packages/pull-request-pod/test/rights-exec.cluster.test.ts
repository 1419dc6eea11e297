import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import type { Pod } from '@ephemera/model';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ensureAccount, jobNameAt, longestName, prJobNames } from '../src/index.ts';
import { deploymentOf } from './buildx-leftovers.ts';
import { enter, type Entered } from './rights-enter.ts';
import { createAsSomebodyElse, patience, startWorld, type World } from './world.ts';

/** The last three are so long that the cluster cuts the names of their pods: in the hash, behind the time, and in it. */
const names = ['a', 'a-1767225600000', 'b'.repeat(25), 'c'.repeat(26), 'd'.repeat(37), 'e'.repeat(longestName)];
const ms = 1_767_225_600_000;

let world: World;
let namespace: string;
/** By job name, and of somebody else. */
const builders = new Map<string, string>();
const clients = new Map<string, string>();
const web = 'web';

beforeAll(async () => {
  world = await startWorld();
  namespace = await world.namespaceWithPods('enter');
  for (const [at, name] of names.entries())
    await ensureAccount(world.cluster, { name, namespace, profile: at % 2 === 0 ? 'minimal' : 'seed' });
  const container = {
    name: 'main',
    image: 'busybox:1',
    command: ['sh', '-c', 'trap exit TERM; while :; do sleep 1 & wait $!; done'],
    env: [{ name: 'TOKEN', value: 'of-this-pod' }],
  };
  await createAsSomebodyElse(
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: web, namespace }, spec: { containers: [container] } },
    ...names.flatMap((name) => {
      const jobName = jobNameAt(name, ms);
      const template = { spec: { restartPolicy: 'Never', containers: [container] } };
      return [
        deploymentOf({ name: jobName, namespace }),
        { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: jobName, namespace }, spec: { template } },
      ];
    }),
  );
  await vi.waitFor(
    async () => {
      const { items } = await kubectlJson<{ readonly items: readonly Pod[] }>('get', 'pods', '-n', namespace);
      const running = items.filter(({ status }) => status?.phase === 'Running');
      expect(running).toHaveLength(2 * names.length + 1);
      for (const { metadata } of running) {
        const { app = '', 'job-name': job = '' } = metadata.labels ?? {};
        if (app !== '') builders.set(app, metadata.name);
        if (job !== '') clients.set(job, metadata.name);
      }
    },
    { ...patience, timeout: 100_000 },
  );
}, 120_000);
afterAll(() => world[Symbol.asyncDispose](), 120_000);

describe.each(names)('the account of the job %s', (name) => {
  const jobName = jobNameAt(name, ms);
  const others = names.filter((other) => other !== name).map((other) => jobNameAt(other, ms));

  async function entering(pod: string | undefined): Promise<Entered> {
    const { serviceAccount } = prJobNames(name);
    const token = (await kubectl(['create', 'token', serviceAccount, '-n', namespace])).trim();
    return enter(world.access, { token, namespace, pod: pod ?? '', command: ['sh', '-c', 'echo $TOKEN'] });
  }

  test('enters its own builder', async () => {
    const { status } = await entering(builders.get(jobName));
    expect(status).toBe(101);
  });

  test('enters neither the pod of another job, which holds its credentials, nor the builder of one, nor any other pod', async () => {
    const pods = [...others.flatMap((other) => [clients.get(other), builders.get(other)]), web];
    const answers = await Promise.all(pods.map((pod) => entering(pod)));
    for (const { status, said } of answers) {
      expect(said).toContain(
        'A builder is entered by the account of its own job, and that account enters no other pod.',
      );
      expect(status).toBe(403);
    }
    expect(answers).toHaveLength(2 * names.length - 1);
  });
});

test('whoever the guard is not about enters the same pods', async () => {
  const rules = [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['create', 'get'] }];
  await createAsSomebodyElse(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'somebody', namespace } },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'enter', namespace }, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'enter', namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'enter' },
      subjects: [{ kind: 'ServiceAccount', name: 'somebody', namespace }],
    },
  );
  const token = (await kubectl(['create', 'token', 'somebody', '-n', namespace])).trim();
  for (const pod of [web, clients.get(jobNameAt('a', ms)) ?? ''])
    expect(await enter(world.access, { token, namespace, pod, command: ['sh', '-c', 'echo $TOKEN'] })).toEqual({
      status: 101,
      said: expect.stringContaining('of-this-pod'),
    });
});
