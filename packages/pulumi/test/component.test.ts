import * as pulumi from '@pulumi/pulumi';
import { describe, expect, test } from 'vitest';
import { KubernetesJob } from '../iac/pulumi/module/component/kubernetes-job.ts';
import type { KubernetesJobArgs } from '../iac/pulumi/module/component/args.ts';
import { dockerConfigJson, everything } from './examples.ts';
import { isSecret, only, record, types, valueOf, type Inputs } from './recorder.ts';

const image = { repo: 'busybox', tag: '1' };
const args = (spec: Partial<KubernetesJobArgs['spec']> = {}): KubernetesJobArgs => ({
  metadata: { name: 'small' },
  spec: { namespace: 'default', image, ...spec },
});
const make = (given: KubernetesJobArgs, options?: pulumi.ComponentResourceOptions) =>
  record(() => new KubernetesJob('mine', given, options));
const container = ({ spec }: Inputs) => spec.template.spec.containers[0];

function everythingArgs(): KubernetesJobArgs {
  const { metadata, spec } = everything('home');
  return { metadata, spec, dockerConfigJson };
}

test('children are named for the component and have it as parent', async () => {
  const { resources } = await make(everythingArgs());
  const component = only(resources, types.component);
  expect(component.name).toBe('mine');
  const children = resources.filter(({ type }) => type !== types.component);
  expect(children.map(({ name }) => name).toSorted()).toEqual([
    'mine-config-map-run.sh',
    'mine-config-map-settings',
    'mine-env-secrets',
    'mine-image-pull-secret',
    'mine-job',
    'mine-namespace',
  ]);
  for (const { parent } of children) expect(parent).toBe(component.urn);
});

test('the component makes what the module makes of the same manifest', async () => {
  const { Resources } = await import('../iac/pulumi/module/main.ts');
  const component = await make(everythingArgs());
  const module = await record(() => Resources({ target: everything('home'), dockerConfigJson }));
  const objects = ({ resources }: typeof component | typeof module) =>
    resources.filter(({ type }) => type.startsWith('kubernetes:')).map(({ type, inputs }) => ({ type, inputs }));
  expect(objects(component)).toHaveLength(6);
  expect(objects(component)).toEqual(objects(module));
});

test('the outputs are namespace and jobName', async () => {
  const { result } = await make(args());
  expect(await valueOf(result.namespace)).toBe('default');
  expect(await valueOf(result.jobName)).toBe('small');
});

test('a secret namespace does not make the name of the Job secret', async () => {
  const { result } = await make(args({ namespace: pulumi.secret('hidden') }));
  expect(await valueOf(result.jobName)).toBe('small');
  expect(await pulumi.isSecret(result.jobName)).toBe(false);
  expect(await pulumi.isSecret(result.namespace)).toBe(true);
});

test('the timeouts of the component are those of its children; what it leaves out, the Job has by itself', async () => {
  const given = args({ namespace: 'home', createNamespace: true, activeDeadlineSeconds: 60 });
  const { resources } = await make(given, { customTimeouts: { create: '5s', delete: '7s' } });
  expect(only(resources, types.job).timeouts).toEqual({ create: '5s', update: '360s', delete: '7s' });
  expect(only(resources, types.namespace).timeouts).toEqual({ create: '5s', update: '', delete: '7s' });
});

test('the provider of the component is that of its children', async () => {
  const kubernetes = await import('@pulumi/kubernetes');
  const { resources } = await record(() => {
    const provider = new kubernetes.Provider('theirs', {});
    return new KubernetesJob('mine', args(), { provider });
  });
  expect(only(resources, types.job).provider).toContain('::theirs::');
});

describe('outputs of other resources', () => {
  const later = (value: string) => pulumi.output(Promise.resolve(value));
  const hidden = (value: string) => pulumi.secret(later(value));

  test('they come through everywhere where text passes through', async () => {
    const digest = `registry.example/shop@sha256:${'a'.repeat(64)}`;
    const { resources, result } = await make({
      metadata: { name: 'small' },
      spec: {
        namespace: later('theirs'),
        createNamespace: true,
        image: { repo: later(digest), pullSecretName: later('pull') },
        serviceAccountName: later('runner'),
        command: ['sh', later('-c')],
        args: [pulumi.interpolate`echo ${later('hello')}`],
        env: {
          variables: [
            { name: 'A', value: Promise.resolve('promised') },
            { name: 'B', configMapKeyRef: { name: later('map-b'), key: 'b' } },
          ],
          secrets: [
            { name: 'C', value: later('see') },
            { name: 'D', secretRef: { name: later('secret-d'), key: 'd' } },
          ],
          envFrom: [{ configMapRef: { name: later('map-e') } }],
        },
        configMaps: { 'run.sh': later('echo') },
        volumeMounts: [
          { name: 'claim', mountPath: '/claim', pvc: { claimName: later('claim-f') } },
          { name: 'secret', mountPath: '/secret', secret: { name: later('secret-g') } },
        ],
        initContainers: [{ name: 'first', image: { repo: later('busybox'), tag: later('2') } }],
      },
    });
    const namespace = only(resources, types.namespace).inputs;
    expect(namespace.metadata.name).toBe('theirs');
    expect(only(resources, types.configMap).inputs).toMatchObject({
      metadata: { namespace: 'theirs' },
      data: { 'run.sh': 'echo' },
    });
    expect(only(resources, types.secret).inputs.stringData).toEqual({ C: 'see' });
    const job = only(resources, types.job).inputs;
    expect(job.metadata.namespace).toBe('theirs');
    expect(job.spec.template.spec).toMatchObject({
      serviceAccountName: 'runner',
      imagePullSecrets: [{ name: 'pull' }],
      volumes: [
        { name: 'claim', persistentVolumeClaim: { claimName: 'claim-f' } },
        { name: 'secret', secret: { secretName: 'secret-g' } },
      ],
      initContainers: [{ image: 'busybox:2' }],
    });
    expect(container(job)).toMatchObject({
      image: digest,
      command: ['sh', '-c'],
      args: ['echo hello'],
      envFrom: [{ configMapRef: { name: 'map-e' } }],
    });
    expect(container(job)?.env).toEqual(
      expect.arrayContaining([
        { name: 'A', value: 'promised' },
        { name: 'B', valueFrom: { configMapKeyRef: { name: 'map-b', key: 'b' } } },
        { name: 'D', valueFrom: { secretKeyRef: { name: 'secret-d', key: 'd' } } },
      ]),
    );
    expect(JSON.stringify(resources.map(({ inputs }) => inputs))).not.toContain('pending');
    expect(await valueOf(result.namespace)).toBe('theirs');
  });

  test('the credentials for registries may be an output', async () => {
    const { resources } = await make({ ...args(), dockerConfigJson: hidden(dockerConfigJson) });
    expect(only(resources, types.secret).inputs.stringData).toEqual({ '.dockerconfigjson': dockerConfigJson });
  });

  test('a secret variable is secret, and the rest of the Job is not', async () => {
    const { resources } = await make(
      args({
        env: {
          variables: [
            { name: 'OPEN', value: 'seen' },
            { name: 'CLOSED', value: hidden('unseen') },
          ],
        },
      }),
    );
    const { sent } = only(resources, types.job);
    expect(isSecret(sent.spec)).toBe(false);
    const values = Object.fromEntries(container(sent)?.env?.map(({ name, value }) => [name, value]) ?? []);
    expect(values['OPEN']).toBe('seen');
    expect(isSecret(values['CLOSED'])).toBe(true);
  });

  test('two mounts of one output share one volume', async () => {
    const claimName = later('claim');
    const { resources } = await make(
      args({
        volumeMounts: [
          { name: 'data', mountPath: '/a', pvc: { claimName } },
          { name: 'data', mountPath: '/b', pvc: { claimName } },
        ],
      }),
    );
    expect(only(resources, types.job).inputs.spec.template.spec.volumes).toHaveLength(1);
  });

  test('an output that decides what there is, is refused by its path', () => {
    const wrong = { ...args(), metadata: { name: later('small') } } as unknown as KubernetesJobArgs;
    expect(() => new KubernetesJob('mine', wrong)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('which objects there are: metadata.name'),
        cause: expect.objectContaining({ cause: expect.objectContaining({ code: 'pulumi.output_not_allowed' }) }),
      }),
    );
  });
});

test('wrong arguments are an error with all problems at once, and nothing is registered', async () => {
  const wrong = args({ restartPolicy: 'Always', completionMode: 'Sorted' });
  const { resources } = await record(() => {
    expect(() => new KubernetesJob('mine', wrong)).toThrow(
      expect.objectContaining({
        // Pulumi prints the message of such an error, and nothing else of it.
        __pulumiRunError: true,
        message: expect.stringMatching(/2 problems:\n- spec\.\w+[^\n]*\n- spec\.\w+/),
        cause: expect.objectContaining({
          code: 'pulumi.step_failed',
          cause: expect.objectContaining({ code: 'job.invalid' }),
        }),
      }),
    );
  });
  expect(resources).toEqual([]);
});
