import { beforeEach, describe, expect, test, vi } from 'vitest';
import { parseStackInput } from '../iac/pulumi/module/stack-input/parse.ts';
import { Resources } from '../iac/pulumi/module/main.ts';
import { dockerConfigJson, everything, hackManifest, minimal } from './examples.ts';
import { isSecret, only, record, types, valueOf } from './recorder.ts';

beforeEach(() => {
  vi.stubEnv('KUBE_CTX', undefined);
  return () => vi.unstubAllEnvs();
});

const run = (input: unknown) => record(() => Resources(parseStackInput(input, 'a test').input));
const full = () => run({ target: everything('home'), docker_config_json: dockerConfigJson });

test('the hack manifest becomes a provider, a namespace, a Secret and a Job, in that order', async () => {
  const { resources } = await run(hackManifest());
  expect(resources.map(({ type, name }) => [type, name])).toEqual([
    [types.provider, 'kubernetes'],
    [types.namespace, 'namespace'],
    [types.secret, 'env-secrets'],
    [types.job, 'job'],
  ]);
  const [, namespace, secret, job] = resources;
  expect(namespace?.inputs.metadata.name).toBe('test-jobs');
  expect(secret?.inputs).toMatchObject({
    metadata: { name: 'test-batch-job-env-secrets', namespace: 'test-jobs' },
    stringData: { API_KEY: expect.any(String) },
  });
  expect(job?.inputs).toMatchObject({
    metadata: { name: 'test-batch-job', namespace: 'test-jobs' },
    spec: { parallelism: 1, completions: 1, backoffLimit: 3, activeDeadlineSeconds: 300, ttlSecondsAfterFinished: 600 },
  });
});

test('a minimal job is a provider and a Job, and nothing else', async () => {
  const { resources, warnings } = await run(minimal);
  expect(resources.map(({ type }) => type)).toEqual([types.provider, types.job]);
  expect(warnings).toEqual([]);
});

test('a job with everything has each object once', async () => {
  const { resources } = await full();
  const names = resources.map(({ type, inputs }) => `${type.split(':').at(-1)} ${inputs.metadata?.name ?? ''}`.trim());
  expect(names.toSorted()).toEqual([
    'ConfigMap run.sh',
    'ConfigMap settings',
    'Job everything',
    'Namespace home',
    'Secret everything-env-secrets',
    'Secret everything-image-pull-secret',
    'kubernetes',
  ]);
});

test('all objects and the pods carry the same labels', async () => {
  const { resources } = await full();
  const expected = {
    team: 'shop',
    'project-planton.org/resource': 'true',
    'project-planton.org/resource-name': 'everything',
    'project-planton.org/resource-kind': 'KubernetesJob',
    'project-planton.org/resource-id': 'k8sjob-1',
    'project-planton.org/organization': 'acme',
    'project-planton.org/environment': 'test',
  };
  const objects = resources.filter(({ type }) => type !== types.provider);
  expect(objects).toHaveLength(6);
  for (const { inputs } of objects) expect(inputs.metadata.labels).toEqual(expected);
  expect(only(resources, types.job).inputs.spec.template.metadata?.labels).toEqual(expected);
});

test('everything depends on the namespace, and the Job on all that its pods need', async () => {
  const { resources } = await full();
  const namespace = only(resources, types.namespace);
  const others = resources.filter(({ type }) => type !== types.provider && type !== types.namespace);
  expect(namespace.dependencies).toEqual([]);
  for (const { dependencies } of others) expect(dependencies).toContain(namespace.urn);
  const job = only(resources, types.job);
  const needed = resources.filter(({ type }) =>
    ([types.namespace, types.secret, types.configMap] as string[]).includes(type),
  );
  expect(new Set(job.dependencies)).toEqual(new Set(needed.map(({ urn }) => urn)));
});

test('every object comes from the provider of the stack input and is deleted before it is replaced', async () => {
  const { resources } = await full();
  const provider = only(resources, types.provider);
  for (const { type, provider: used, deleteBeforeReplace } of resources) {
    if (type === types.provider) continue;
    expect(used).toBe(`${provider.urn}::kubernetes-id`);
    expect(deleteBeforeReplace).toBe(true);
  }
});

test("what the API server never changes on a Job replaces it, beside what Pulumi's provider replaces it for", async () => {
  const { resources } = await run(minimal);
  expect(only(resources, types.job).replaceOnChanges).toEqual([
    'spec.completionMode',
    'spec.podFailurePolicy',
    'spec.podReplacementPolicy',
  ]);
});

test.each([
  ['its deadline and 5 minutes', { activeDeadlineSeconds: 1200 }, {}, { create: '1500s', update: '1500s', delete: '' }],
  ['an hour without a deadline', {}, {}, { create: '3600s', update: '3600s', delete: '' }],
  [
    'as long as the annotation says, which the provider reads where no timeout is set',
    { activeDeadlineSeconds: 1200 },
    { 'pulumi.com/timeoutSeconds': '5' },
    { create: '', update: '', delete: '' },
  ],
])('an update waits for the Job %s', async (_, spec, annotations, timeouts) => {
  const metadata = { ...minimal.metadata, annotations };
  const { resources } = await run({ ...minimal, metadata, spec: { ...minimal.spec, ...spec } });
  expect(only(resources, types.job).timeouts).toEqual(timeouts);
});

test('another name of the job leaves the names under which Pulumi knows the resources', async () => {
  const names = async (name: string) => {
    const target = { ...everything('home'), metadata: { ...everything('home').metadata, name } };
    const { resources } = await run({ target: { ...target, spec: { ...target.spec, env: {} } } });
    return resources.map((resource) => resource.name);
  };
  expect(await names('one')).toEqual(await names('two'));
});

test('no secret value stands anywhere but in the Secrets, where Pulumi knows it as secret', async () => {
  const { resources } = await full();
  const values = ['key-that-nobody-may-see', 'bm9ib2R5OnNlY3JldA=='];
  for (const { type, sent } of resources) {
    const text = JSON.stringify(sent);
    if (type === types.secret) expect(isSecret(sent.stringData)).toBe(true);
    else for (const value of values) expect(text).not.toContain(value);
  }
  const [env, pull] = resources.filter(({ type }) => type === types.secret);
  expect(env?.inputs).toMatchObject({ type: 'Opaque', stringData: { API_KEY: values[0] } });
  expect(pull?.inputs).toMatchObject({
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': dockerConfigJson },
  });
  const container = only(resources, types.job).inputs.spec.template.spec.containers[0];
  expect(container?.env).toContainEqual({
    name: 'API_KEY',
    valueFrom: { secretKeyRef: { name: 'everything-env-secrets', key: 'API_KEY' } },
  });
});

test('the outputs are namespace and job_name', async () => {
  const { result } = await run(hackManifest());
  expect(Object.keys(result)).toEqual(['namespace', 'job_name']);
  expect(await valueOf(result.namespace)).toBe('test-jobs');
  expect(await valueOf(result.job_name)).toBe('test-batch-job');
});

test('of a suspended Job it is awaited that it is suspended, and of one that runs that it completes', async () => {
  const suspended = await run({ ...minimal, spec: { ...minimal.spec, suspend: true } });
  expect(only(suspended.resources, types.job).inputs).toMatchObject({
    metadata: { annotations: { 'pulumi.com/waitFor': 'condition=Suspended' } },
    spec: { suspend: true },
  });
  const running = await run(minimal);
  expect(only(running.resources, types.job).inputs.metadata.annotations).toBeUndefined();
});

test("annotations of Pulumi's provider stay on the Job and do not change its pods", async () => {
  const { resources } = await full();
  const { metadata, spec } = only(resources, types.job).inputs;
  expect(metadata.annotations).toEqual({ 'pulumi.com/replaceUnready': 'true', 'acme.example/why': 'a test' });
  expect(spec.template.metadata?.annotations).toEqual({ 'acme.example/why': 'a test' });
});

describe('warnings', () => {
  test('a TTL is warned about, since the Job runs again after it', async () => {
    expect((await run(hackManifest())).warnings).toEqual([
      expect.stringMatching(/^spec.ttlSecondsAfterFinished: .*again/),
    ]);
  });

  test('what the compiler warns about is said', async () => {
    const { warnings } = await run({ ...minimal, spec: { ...minimal.spec, parallelism: 5, completions: 2 } });
    expect(warnings).toEqual([expect.stringMatching(/^spec.parallelism: /)]);
  });
});

test('a provider that the caller has is used instead of one of the stack input', async () => {
  const kubernetes = await import('@pulumi/kubernetes');
  const { resources } = await record(() => {
    const provider = new kubernetes.Provider('mine', { context: 'mine' });
    return Resources(parseStackInput(minimal, 'a test').input, { provider });
  });
  expect(resources.map(({ name }) => name)).toEqual(['mine', 'job']);
});

test('an error says what was being done, and keeps its cause and its hint', () => {
  const target = { ...minimal, spec: { ...minimal.spec, restartPolicy: 'Always' } };
  expect(() => Resources({ target })).toThrow(
    expect.objectContaining({
      code: 'pulumi.step_failed',
      message: expect.stringMatching(
        /^initializing the locals: The KubernetesJob has a problem:\n- spec.restartPolicy/,
      ),
      hint: expect.any(String),
      cause: expect.objectContaining({ code: 'job.invalid' }),
    }),
  );
});
