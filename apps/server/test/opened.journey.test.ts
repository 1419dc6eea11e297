import { createObject, kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { expect, test } from 'vitest';
import { soon, startWorld, told } from './world.ts';

interface Namespace {
  readonly metadata: { readonly labels: Record<string, string>; readonly annotations: Record<string, string> };
}

test('opening a pull request makes a namespace with the four labels, and tells GitHub', async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart', title: 'Add a cart' });
  const environment = await world.until('ready');

  const { metadata } = await kubectlJson<Namespace>('get', 'namespace', environment.namespace);
  expect(metadata.labels).toMatchObject({
    app: 'ephemera',
    'pr-number': '1',
    repository: 'shop',
    'environment-id': String(environment.id),
    'ephemera.dev/instance': world.server.instance,
    'pod-security.kubernetes.io/enforce': 'baseline',
    'pod-security.kubernetes.io/warn': 'restricted',
  });
  expect(metadata.annotations['ephemera.dev/repository']).toBe('acme/shop');

  await world.untilTold(pull, 'success: The environment is ready');
  expect(pull.view().statuses.map(({ state }) => state)).toEqual(['pending', 'success']);
  expect(pull.view().statuses.at(-1)?.target_url).toBe(environment.environment_url);
  await soon(async () => expect(pull.comments()[0]?.body).toContain(environment.environment_url));
  expect(pull.comments()).toHaveLength(1);
});

test('the quota is 1 CPU, 2Gi and 10 pods, as kubectl describes it', async () => {
  await using world = await startWorld();
  await world.repository.open({ head: 'feat/cart' });
  const { namespace } = await world.until('ready');

  const described = (await kubectl(['describe', 'quota', '-n', namespace]))
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const hard = Object.fromEntries(
    described.filter(([, , value]) => value !== undefined).map(([name = '', , value]) => [name, value]),
  );
  expect(hard).toMatchObject({
    'limits.cpu': '1',
    'limits.memory': '2Gi',
    'requests.cpu': '1',
    'requests.memory': '2Gi',
    pods: '10',
  });
});

test('an opened environment passes through pending and provisioning to ready, step by step', async () => {
  await using world = await startWorld();
  await world.repository.open({ head: 'feat/cart' });
  const { id } = await world.until('ready');
  const events = await world.api<{ kind: string; name: string }[]>(`/api/v1/environments/${id}/events`);
  expect(events.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'status pending',
    'status provisioning',
    'step namespace',
    'step guardrails',
    'step quota',
    'status ready',
  ]);
});

test('the quota is what the settings say', async () => {
  await using world = await startWorld({ settings: { QUOTA_PODS: '3', QUOTA_CPU: '500m', QUOTA_SERVICES: '2' } });
  await world.repository.open({ head: 'feat/cart' });
  const { namespace } = await world.until('ready');
  const { spec } = await kubectlJson<{ spec: { hard: object } }>(
    'get',
    'resourcequota',
    'environment',
    '-n',
    namespace,
  );
  expect(spec.hard).toMatchObject({ pods: '3', 'limits.cpu': '500m', 'requests.cpu': '500m', services: '2' });
});

test('ten pods without limits run thanks to the default limits; an eleventh is refused', async () => {
  await using world = await startWorld();
  await world.repository.open({ head: 'feat/cart' });
  const { namespace } = await world.until('ready');
  const pod = (number: number) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${number}`, namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'busybox:1', imagePullPolicy: 'IfNotPresent', command: ['sleep', '600'] }],
    },
  });
  for (let number = 1; number <= 10; number += 1) await createObject(pod(number));

  await expect(createObject(pod(11))).rejects.toThrow(/exceeded quota/);
  const running = async () => {
    const pods = await kubectlJson<{ items: { status: { phase: string } }[] }>('get', 'pods', '-n', namespace);
    return pods.items.filter(({ status }) => status.phase === 'Running').length;
  };
  await soon(async () => expect(await running()).toBe(10), { timeout: 120_000, interval: 500 });
});

test('a pod gets no token of the cluster', async () => {
  await using world = await startWorld();
  await world.repository.open({ head: 'feat/cart' });
  const { namespace } = await world.until('ready');
  await createObject({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'plain', namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'busybox:1', imagePullPolicy: 'IfNotPresent', command: ['sleep', '600'] }],
    },
  });
  const pod = await kubectlJson<{ spec: { volumes?: unknown[] } }>('get', 'pod', 'plain', '-n', namespace);
  expect(pod.spec.volumes ?? []).toEqual([]);
});

test('a pull request from a fork gets the restricted profile', async () => {
  await using world = await startWorld();
  await world.repository.open({ head: 'feat/cart', fork: true, author: 'stranger' });
  const environment = await world.until('ready');

  expect(environment.is_fork).toBe(true);
  const { metadata } = await kubectlJson<Namespace>('get', 'namespace', environment.namespace);
  expect(metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
});

test('hostile branch names and titles are data: they reach annotations and the comment, and nothing else', async () => {
  await using world = await startWorld();
  const branch = '$(touch${IFS}/tmp/owned)`"\';--|<img/src=x>';
  const pull = await world.repository.open({ head: branch, title: '</title><script>alert(1)</script> @everyone' });
  const environment = await world.until('ready');

  expect(environment.namespace).toMatch(/^pr-1-shop-[0-9a-f]{10}$/);
  const { metadata } = await kubectlJson<Namespace>('get', 'namespace', environment.namespace);
  expect(metadata.annotations['ephemera.dev/branch']).toBe(branch);
  expect(Object.values(metadata.labels).join(' ')).not.toContain('touch');
  const page = await (await fetch(world.server.url, { headers: { host: environment.host } })).text();
  expect(page).not.toContain('<script>');
  await world.untilTold(pull, 'success');
});

test('what the cluster refuses is shown as failed, with what and why, and a push tries again', async () => {
  await using world = await startWorld();
  const repository = await world.addRepository(`refused-${world.server.instance}`);
  await using _policy = await refusing(repository.name);
  const pull = await repository.open({ head: 'feat/cart' });

  const failed = await world.until('failed');
  expect(failed.reason).toBe('kube.admission_denied');
  await world.untilTold(pull, /^failure: .*refused by an admission rule/);
  await soon(async () => expect(pull.comments()[0]?.body).toContain('no namespaces for this test'));
  const deployments = await world.api<{ status: string }[]>(`/api/v1/environments/${failed.id}/deployments`);
  expect(deployments.map(({ status }) => status)).toEqual(['failed']);

  await allow(repository.name);
  // The end of the policy reaches the API server a moment later; each push is a new try.
  await soon(async () => {
    await pull.push({});
    await soon(async () => expect(told(pull)).toMatch(/^(success|failure)/));
    expect(told(pull)).toMatch('success');
  });
  await pull.close();
  await world.until('destroyed');
});

/** Refuses namespaces of one repository, as a platform team's policy would. Resolves when the API server enforces it. */
async function refusing(repository: string): Promise<AsyncDisposable> {
  const name = `${repository}.ephemera.test`;
  await createObject({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['namespaces'] }],
      },
      validations: [
        {
          expression: `!has(object.metadata.labels.repository) || object.metadata.labels.repository != '${repository}'`,
          message: 'no namespaces for this test',
        },
      ],
    },
  });
  await createObject({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  });
  const probe = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: `probe-${repository}`, labels: { repository } },
  };
  const isRefused = async () =>
    kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(probe)).then(
      () => false,
      () => true,
    );
  await soon(async () => expect(await isRefused()).toBe(true));
  return { [Symbol.asyncDispose]: () => allow(repository) };
}

async function allow(repository: string): Promise<void> {
  const name = `${repository}.ephemera.test`;
  await kubectl(['delete', 'validatingadmissionpolicybinding,validatingadmissionpolicy', name, '--ignore-not-found']);
}
