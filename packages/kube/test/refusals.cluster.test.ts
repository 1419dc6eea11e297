import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import type { KubeObject } from '@ephemera/model';
import { afterAll, expect, test } from 'vitest';
import { connectCluster, instanceOwner, findAccess, refOf, type ClusterAccess } from '../src/index.ts';
import { strangersCertificate } from './stranger.ts';
import { namespaceOf, patience, podOf, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, namespace, instance, access } = world;

/** A namespace of ours whose default account is there, so that pods can be made. */
async function roomForPods(what: string, labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const room = namespaceOf(world.name(what), labels);
  await cluster.apply(room);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace: room.metadata.name };
  await expect.poll(() => cluster.get(account), patience).toBeDefined();
  return room.metadata.name;
}

test('a pod beyond the quota: kube.quota_exceeded, with the quota and the numbers', async () => {
  const room = await roomForPods('quota');
  const metadata = { name: 'few', namespace: room };
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata,
    spec: { hard: { pods: '1' } },
  } as KubeObject);
  await cluster.apply(podOf('first', room));
  await expect(cluster.apply(podOf('second', room))).rejects.toMatchObject({
    code: 'kube.quota_exceeded',
    retryable: false,
    message: expect.stringMatching(/exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1/),
  });
  await expect(cluster.get(refOf(podOf('second', room)))).resolves.toBeUndefined();
});

test('a pod beyond the limits of its namespace: kube.quota_exceeded', async () => {
  const room = await roomForPods('limits');
  const limits = [{ type: 'Container', max: { cpu: '1', memory: '1Gi' } }];
  const metadata = { name: 'small', namespace: room };
  await cluster.apply({ apiVersion: 'v1', kind: 'LimitRange', metadata, spec: { limits } } as KubeObject);
  const large = podOf('large', room, { resources: { limits: { cpu: '2', memory: '2Gi' } } });
  await expect(cluster.apply(large)).rejects.toMatchObject({
    code: 'kube.quota_exceeded',
    message: expect.stringContaining('maximum cpu usage per Container is 1'),
  });
});

test('a pod that Pod Security forbids: kube.admission_denied, with the field', async () => {
  const room = await roomForPods('security', { 'pod-security.kubernetes.io/enforce': 'baseline' });
  const privileged = podOf('root', room, { securityContext: { privileged: true } });
  await expect(cluster.apply(privileged)).rejects.toMatchObject({
    code: 'kube.admission_denied',
    retryable: false,
    message: expect.stringMatching(/violates PodSecurity "baseline.*privileged/),
  });
});

test.each([['Invalid'], ['Forbidden']])(
  'an object that a policy denies as %s: kube.admission_denied',
  async (reason) => {
    const name = `${reason.toLowerCase()}-${instance}.ephemera.test`;
    const policy = (kind: string, spec: object) =>
      world.createAsSomebodyElse({
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind,
        metadata: { name },
        spec,
      } as KubeObject);
    await policy('ValidatingAdmissionPolicy', {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      },
      matchConditions: [{ name: 'here', expression: `request.namespace == '${namespace}'` }],
      validations: [
        {
          expression: `!object.metadata.name.startsWith('${reason.toLowerCase()}-')`,
          message: 'not in this test',
          reason,
        },
      ],
    });
    await policy('ValidatingAdmissionPolicyBinding', { policyName: name, validationActions: ['Deny'] });

    // A policy works a moment after it was made; until then each try makes an object that has to go.
    await expect
      .poll(async () => {
        const object = world.configMap(`${reason.toLowerCase()}-map`);
        const outcome = await cluster.apply(object).catch((error: unknown) => error);
        if (!(outcome instanceof Error)) await world.gone(refOf(object));
        return outcome;
      }, patience)
      .toMatchObject({
        code: 'kube.admission_denied',
        retryable: false,
        message: expect.stringContaining('not in this test'),
      });
  },
);

/** As the given token, through a real kubeconfig file. */
function withToken(token: string): { access: ClusterAccess } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'kube-refusals-'));
  const path = join(folder, 'config');
  const ca = access.certificateAuthority?.toString('base64');
  writeFileSync(
    path,
    JSON.stringify({
      'current-context': 'token',
      contexts: [{ name: 'token', context: { cluster: 'here', user: 'token' } }],
      clusters: [{ name: 'here', cluster: { server: access.server, 'certificate-authority-data': ca } }],
      users: [{ name: 'token', user: { token } }],
    }),
  );
  return {
    access: findAccess({ kubeconfigPath: path }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

test('an account without rights: kube.forbidden for everything, and never "does not exist"', async () => {
  const room = await roomForPods('rights');
  using file = withToken((await kubectl(['create', 'token', 'default', '-n', room])).trim());
  await using powerless = await connectCluster(file.access, instanceOwner(instance));
  const object = world.configMap('any');

  const refused = {
    code: 'kube.forbidden',
    retryable: false,
    message: expect.stringContaining(`system:serviceaccount:${room}:default`),
  };
  await expect(powerless.get(refOf(object))).rejects.toMatchObject(refused);
  await expect(powerless.list('v1/ConfigMap', { namespace })).rejects.toMatchObject(refused);
  await expect(powerless.apply(object)).rejects.toMatchObject(refused);
  await expect(powerless.remove(refOf(object))).rejects.toMatchObject(refused);
  await expect(powerless.version()).resolves.toMatch(/^v1\./);

  const errors: unknown[] = [];
  const stop = new AbortController();
  const ended = powerless.watch('v1/ConfigMap', {
    namespace,
    signal: stop.signal,
    onChange: () => {},
    onError: (error) => errors.push(error),
  });
  await expect.poll(() => errors.length, patience).toBeGreaterThan(1);
  stop.abort();
  await ended;
  expect(errors[0]).toMatchObject(refused);
});

test('a token that the cluster does not know: kube.unauthenticated, for every call', async () => {
  using file = withToken('not-a-token');
  await using stranger = await connectCluster(file.access, instanceOwner(instance));
  const refused = { code: 'kube.unauthenticated', retryable: false, message: expect.stringContaining(access.server) };
  await expect(stranger.version()).rejects.toMatchObject(refused);
  await expect(stranger.get(refOf(world.configMap('any')))).rejects.toMatchObject(refused);
});

test('a client certificate that another authority signed: kube.unauthenticated', async () => {
  await using stranger = await connectCluster(
    { ...access, identity: async () => strangersCertificate() },
    instanceOwner(instance),
  );
  await expect(stranger.get(refOf(world.configMap('any')))).rejects.toMatchObject({ code: 'kube.unauthenticated' });
});

test('a certificate authority that is not the cluster’s: kube.unreachable, which names the certificate', async () => {
  const { certificateAuthority: _ca, ...withoutAuthority } = access;
  await using stranger = await connectCluster({ ...withoutAuthority, skipTlsVerify: false }, instanceOwner(instance));
  await expect(stranger.version({ timeoutMs: 5_000 })).rejects.toMatchObject({
    code: 'kube.unreachable',
    message: expect.stringMatching(/certificate/),
  });
});

test('a port where nobody listens: kube.unreachable, quickly', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  await using nowhere = await connectCluster(
    { ...access, server: `https://127.0.0.1:${port}` },
    instanceOwner(instance),
  );
  const startedAt = performance.now();
  await expect(nowhere.version({ timeoutMs: 1_000 })).rejects.toMatchObject({
    code: 'kube.unreachable',
    retryable: true,
    message: expect.stringContaining(`https://127.0.0.1:${port}`),
  });
  expect(performance.now() - startedAt).toBeLessThan(6_000);
});
