import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { providerSettings, type Ambient } from '../iac/pulumi/module/provider-settings.ts';
import { provider } from '../iac/pulumi/module/provider.ts';
import type { StackInput } from '../iac/pulumi/module/stack-input/stack-input.ts';
import { isSecret, only, record, types } from './recorder.ts';

const kubeconfig = `
apiVersion: v1
kind: Config
current-context: staging
contexts:
  - { name: staging, context: { cluster: staging-cluster, user: me } }
  - { name: prod, context: { cluster: prod-cluster, user: me } }
users:
  - { name: me, user: { token: token-that-nobody-may-see } }
`;

type Input = Pick<StackInput, 'providerConfig' | 'targetCluster'>;
const settings = (input: Input, ambient: Ambient = {}) => providerSettings(input, ambient);

test.each<[string, Input, Ambient, string | undefined]>([
  ['nothing: the current context', {}, {}, undefined],
  ['KUBE_CTX', {}, { contextOfEnv: 'dev', contextOfStack: 'other' }, 'dev'],
  ["the stack's own configuration", {}, { contextOfEnv: '', contextOfStack: 'dev' }, 'dev'],
  [
    'the context that the target names, where the kubeconfig has it',
    { targetCluster: { clusterName: 'prod' } },
    { kubeconfigs: ['not: a kubeconfig', kubeconfig] },
    'prod',
  ],
  [
    'the cluster that the target names, where the kubeconfig has it',
    { targetCluster: { clusterName: 'prod-cluster' } },
    { kubeconfigs: [kubeconfig] },
    'prod',
  ],
  [
    'KUBE_CTX, whose cluster the target names',
    { targetCluster: { clusterName: 'prod-cluster' } },
    { kubeconfigs: [kubeconfig], contextOfEnv: 'prod' },
    'prod',
  ],
  [
    'provider_config, whose cluster the target names',
    { providerConfig: { context: 'prod' }, targetCluster: { clusterName: 'prod-cluster' } },
    { kubeconfigs: [kubeconfig] },
    'prod',
  ],
  ['provider_config, whatever KUBE_CTX says', { providerConfig: { context: 'prod' } }, { contextOfEnv: 'dev' }, 'prod'],
  ['the context of a kubeconfig', { providerConfig: { kubeconfig, context: 'prod' } }, {}, 'prod'],
  ['the current context of a kubeconfig', { providerConfig: { kubeconfig } }, { contextOfEnv: 'dev' }, undefined],
  [
    "the target's cluster by context",
    { providerConfig: { kubeconfig }, targetCluster: { clusterName: 'prod' } },
    {},
    'prod',
  ],
  [
    "the target's cluster by its own name",
    { providerConfig: { kubeconfig }, targetCluster: { clusterName: 'prod-cluster' } },
    {},
    'prod',
  ],
])('the context comes from %s', (_, input, ambient, context) => {
  expect(settings(input, ambient)).toMatchObject({ context, warnings: [] });
});

test('KUBE_CTX beats the cluster that the target names, with a warning', () => {
  expect(settings({ targetCluster: { clusterName: 'prod' } }, { contextOfEnv: 'dev' })).toMatchObject({
    context: 'dev',
    warnings: ['The context "dev" is used, though spec.targetCluster names "prod".'],
  });
});

test('a target that names what no kubeconfig has leaves the current context, with a warning', () => {
  const kubeconfigs = [kubeconfig];
  expect(settings({ targetCluster: { clusterName: 'shop (for people)' } }, { kubeconfigs })).toEqual({
    kubeconfig: undefined,
    context: undefined,
    warnings: [
      expect.stringMatching(/^spec.targetCluster names "shop \(for people\)", .* the current context is used/),
    ],
  });
});

test("DigitalOcean's configuration is a kubeconfig and can be used", () => {
  const providerConfig = { kind: 'digital_ocean_doks', kubeconfig };
  expect(settings({ providerConfig, targetCluster: { clusterKind: 'DigitalOceanKubernetesCluster' } })).toMatchObject({
    kubeconfig,
  });
});

describe('refused', () => {
  test.each([['gcp_gke'], ['aws_eks'], ['azure_aks'], ['something_else']])('the kind %s is not supported', (kind) => {
    expect(() => settings({ providerConfig: { kind } })).toThrow(
      expect.objectContaining({
        code: 'pulumi.provider_unsupported',
        message: `provider_config asks for ${kind}, which the module does not support.`,
        hint: expect.stringContaining('provider_config.kubeconfig'),
      }),
    );
  });

  test.each<[string, Input, RegExp]>([
    ['a context that is not there', { providerConfig: { kubeconfig, context: 'dev' } }, /no context "dev"/],
    ['a path instead of a kubeconfig', { providerConfig: { kubeconfig: '~/.kube/config' } }, /not YAML with a list/],
    ['YAML that does not parse', { providerConfig: { kubeconfig: 'a: [' } }, /not YAML with a list/],
    [
      'another cluster than the target names',
      { providerConfig: { kubeconfig, context: 'prod' }, targetCluster: { clusterName: 'staging' } },
      /context is "prod", and spec.targetCluster.clusterName is "staging"/,
    ],
    [
      'another context than the target names',
      { providerConfig: { context: 'prod' }, targetCluster: { clusterName: 'staging' } },
      /context is "prod", and spec.targetCluster.clusterName is "staging"/,
    ],
    [
      'a kubeconfig without the cluster of the target',
      { providerConfig: { kubeconfig }, targetCluster: { clusterName: 'dev' } },
      /no context or cluster "dev"/,
    ],
    [
      'another kind of cluster than the target',
      { providerConfig: { kind: 'digital_ocean_doks', kubeconfig }, targetCluster: { clusterKind: 'AwsEksCluster' } },
      /for digital_ocean_doks, and spec.targetCluster.clusterKind is "AwsEksCluster"/,
    ],
  ])('%s is an error that never quotes the kubeconfig', (_, input, message) => {
    expect(() => settings(input)).toThrow(
      expect.objectContaining({ code: 'pulumi.provider_config_invalid', message: expect.stringMatching(message) }),
    );
    expect(() => settings(input)).not.toThrow(/token-that-nobody-may-see|a: \[/);
  });
});

describe('the resource', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('the provider gets the kubeconfig as a secret, and its context', async () => {
    const { resources } = await record(() => provider({ target: {}, providerConfig: { kubeconfig, context: 'prod' } }));
    const { inputs, sent } = only(resources, types.provider);
    expect(inputs).toMatchObject({ kubeconfig, context: 'prod' });
    expect(isSecret(sent['kubeconfig'])).toBe(true);
  });

  test('the kubeconfigs of the environment are read for the cluster that the target names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kubeconfigs-'));
    try {
      writeFileSync(join(folder, 'config'), kubeconfig);
      vi.stubEnv('KUBE_CTX', undefined);
      vi.stubEnv('KUBECONFIG', [join(folder, 'missing'), join(folder, 'config')].join(delimiter));
      const input = { target: {}, targetCluster: { clusterName: 'prod-cluster' } };
      const { resources, warnings } = await record(() => provider(input));
      expect(only(resources, types.provider).inputs).toMatchObject({ context: 'prod' });
      expect(warnings).toEqual([]);
      // The stack's own kubeconfig comes before that of the environment.
      const other = await record(() => provider(input), { 'kubernetes:kubeconfig': 'contexts: []\n' });
      expect(only(other.resources, types.provider).inputs).not.toHaveProperty('context');
      expect(other.warnings).toEqual([expect.stringContaining('the current context is used')]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('what somebody else made is not taken over, whatever the environment says', async () => {
    vi.stubEnv('PULUMI_K8S_UPSERT_EXISTING_OBJECTS', 'true');
    const { resources } = await record(() => provider({ target: {} }));
    expect(only(resources, types.provider).inputs).toMatchObject({ upsertExistingObjects: 'false' });
  });

  test('settings of the stack for the default provider are named as having no effect', async () => {
    const config = { 'kubernetes:context': 'dev', 'kubernetes:namespace': 'home', 'other:namespace': 'home' };
    const { warnings } = await record(() => provider({ target: {} }), config);
    expect(warnings).toEqual([expect.stringMatching(/no effect on this module: kubernetes:namespace\./)]);
  });

  test('without a provider_config the provider gets the context that KUBE_CTX names', async () => {
    vi.stubEnv('KUBE_CTX', 'dev');
    vi.stubEnv('KUBECONFIG', undefined);
    const { resources } = await record(() => provider({ target: {} }));
    const { inputs } = only(resources, types.provider);
    expect(inputs).toMatchObject({ context: 'dev' });
    expect(inputs).not.toHaveProperty('kubeconfig');
  });

  test('a refusal says what was being done', () => {
    expect(() => provider({ target: {}, providerConfig: { kind: 'aws_eks' } })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^creating the provider: provider_config asks for aws_eks/),
        cause: expect.objectContaining({ code: 'pulumi.provider_unsupported' }),
      }),
    );
  });
});
