import type { Cluster } from '@ephemera/kube';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { EphemeraError } from '@ephemera/model';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { patience, podOf, seen, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ 'pod-security.kubernetes.io/enforce': 'restricted' });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test('a namespace that enforces Pod Security restricted takes a sandbox', async () => {
  await using sandbox = await world.create();
  // The runner can be reached a moment before the node has told the API server.
  await vi.waitFor(async () => expect((await podOf(world, sandbox.id)).status.phase).toBe('Running'), patience);
});

test('nothing in a sandbox is a credential of the cluster', async () => {
  await using sandbox = await world.create();
  const { stdout } = await sandbox.commands.shell('ls -A /var/run/secrets /run/secrets 2>/dev/null; env');
  expect(stdout).toContain('HOME=');
  expect(stdout).not.toMatch(/serviceaccount|token/i);
  expect(await sandbox.commands.shell('grep -c serviceaccount /proc/mounts')).toMatchObject({ stdout: '0\n' });
});

test('processes in a sandbox have no root, no capability, no way to more, and a read-only image', async () => {
  await using sandbox = await world.create();
  const { stdout } = await sandbox.commands.shell(
    'id -u; id -g; grep -E "^(CapEff|CapPrm|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status; touch /x 2>&1; touch /workspace/x /tmp/x ~/x && echo written',
  );
  expect(stdout).toMatch(/^1000\n1000\n/);
  for (const none of ['CapPrm', 'CapEff', 'CapBnd']) expect(stdout).toContain(`${none}:\t0000000000000000`);
  expect(stdout).toContain('NoNewPrivs:\t1');
  expect(stdout).toContain('Seccomp:\t2');
  expect(stdout).toContain('Read-only file system');
  expect(stdout).toContain('written');
});

test('nobody in a sandbox can read, change, trace or end its runner', async () => {
  await using sandbox = await world.create();
  const { stdout } = await sandbox.commands.shell(
    'cat /.ephemera/bin/runner >/dev/null 2>&1 && echo READ; echo x 2>/dev/null >> /.ephemera/bin/runner && echo WROTE; ' +
      'cat /proc/1/environ >/dev/null 2>&1 && echo ENVIRON; cat /proc/1/mem >/dev/null 2>&1 && echo MEMORY; ls /proc/1/fd/ >/dev/null 2>&1 && echo FILES; ' +
      'kill -9 1 2>/dev/null; echo alive',
  );
  expect(stdout).toBe('alive\n');
  expect(await sandbox.commands.run(['echo', 'on'])).toMatchObject({ stdout: 'on\n' });
});

test('the environment of a sandbox is in no object of the cluster', async () => {
  await using sandbox = await world.create({ env: { API_KEY: 'hunter2-hunter2' } });
  expect(await sandbox.commands.shell('echo "$API_KEY"')).toMatchObject({ stdout: 'hunter2-hunter2\n' });
  const kinds = 'jobs,pods,configmaps,secrets,networkpolicies,events';
  const objects = await kubectl(['get', kinds, '-n', world.namespace, '-o', 'json']);
  expect(objects).toContain(sandbox.id);
  expect(objects).not.toMatch(/hunter2|API_KEY/);
});

test('a sandbox has no runner before its policy is there, so nobody can use it earlier', async () => {
  const letGo = Promise.withResolvers<void>();
  const holding = (cluster: Cluster): Cluster => ({
    ...cluster,
    as: (owner) => holding(cluster.as(owner)),
    create: async (object, signal) => {
      if (object.kind === 'NetworkPolicy') await letGo.promise;
      return cluster.create(object, signal);
    },
  });
  const made = world.create({ on: world.host({ cluster: holding(world.cluster) }) });
  const nodes = () => kubectl(['get', 'pods', '-n', world.namespace, '-o', 'jsonpath={.items[*].spec.nodeName}']);
  await vi.waitFor(async () => expect(await nodes()).not.toBe(''), patience);
  expect((await world.left()).filter((name) => name.startsWith('configmap/'))).toEqual([]);
  letGo.resolve();
  await using sandbox = await made;
  expect(await sandbox.commands.run(['echo', 'on'])).toMatchObject({ stdout: 'on\n' });
});

test('the policy of a sandbox denies all by default, and never allows metadata addresses', async () => {
  // What the cluster keeps of it: the network plugin of the local cluster enforces no policies.
  await using closed = await world.create();
  expect((await seen(world, 'networkpolicy', closed.id)).spec).toEqual({
    podSelector: { matchLabels: { app: 'ci-fixer-sandbox', 'job-id': closed.id } },
    policyTypes: ['Ingress', 'Egress'],
  });
  await using open = await world.create({ network: { dns: true, allow: [{ cidr: '0.0.0.0/0' }, { cidr: '::/0' }] } });
  const egress = JSON.stringify((await seen(world, 'networkpolicy', open.id)).spec['egress']);
  for (const excluded of ['169.254.0.0/16', 'fd00:ec2::/32', 'fe80::/10']) expect(egress).toContain(excluded);
});

test('a user namespace that was asked for is there, or the sandbox is not', async () => {
  const outcome = await world.create({ hostUsers: false }).then(
    async (sandbox) => {
      const { stdout } = await sandbox.commands.run(['cat', '/proc/self/uid_map']);
      await sandbox.kill();
      return Number(stdout.trim().split(/\s+/)[2]) < 4_294_967_295 ? 'own users' : 'users of the node';
    },
    (error: unknown) => (error instanceof EphemeraError ? error.code : error),
  );
  expect(['own users', 'sandbox.isolation_missing', 'sandbox.start_failed']).toContain(outcome);
  expect(await world.left()).toEqual([]);
});
