import { expect, test } from 'vitest';
import { parseStackInput } from '../iac/pulumi/module/stack-input/parse.ts';
import { readStackInput } from '../iac/pulumi/module/stack-input/read-stack-input.ts';
import { dockerConfigJson, hackManifest, hackText, minimal } from './examples.ts';
import { record } from './recorder.ts';

const kubeconfig = 'contexts: [{ name: prod, context: { cluster: prod } }]';
const parse = (value: unknown) => parseStackInput(value, 'STACK_INPUT');

function problemsOf(value: unknown): readonly string[] {
  try {
    parse(value);
  } catch (error) {
    expect(error).toMatchObject({ code: 'pulumi.stack_input_invalid' });
    return (error as Error).message.split('\n').slice(1);
  }
  return [];
}

test('a bare resource and a full stack input give the same', () => {
  expect(parse(hackManifest())).toEqual(parse({ target: hackManifest() }));
});

test.each([
  [
    'snake_case',
    {
      target: minimal,
      provider_config: { kubeconfig, context: 'prod' },
      kubernetes_namespace: 'default',
      docker_config_json: dockerConfigJson,
    },
  ],
  [
    'camelCase',
    {
      target: minimal,
      providerConfig: { kubeconfig, context: 'prod' },
      kubernetesNamespace: 'default',
      dockerConfigJson,
    },
  ],
])('a full stack input is read in %s', (_, value) => {
  expect(parse(value)).toMatchObject({
    input: {
      target: { metadata: { name: 'small' } },
      providerConfig: { kubeconfig, context: 'prod' },
      dockerConfigJson,
    },
    warnings: [],
  });
});

test('the namespace of the spec wins, and a difference is warned about', () => {
  const { input, warnings } = parse({ target: minimal, kubernetes_namespace: 'elsewhere' });
  expect(input.target).toMatchObject({ spec: { namespace: 'default' } });
  expect(warnings).toEqual(['kubernetes_namespace ("elsewhere") is ignored: spec.namespace says "default".']);
});

test('kubernetes_namespace stands in for a namespace that the spec leaves out', () => {
  const { namespace: _, ...spec } = minimal.spec;
  const { input, warnings } = parse({ target: { ...minimal, spec }, kubernetes_namespace: 'elsewhere' });
  expect(input.target).toMatchObject({ spec: { namespace: 'elsewhere' } });
  expect(warnings).toEqual([]);
});

test('all problems are said at once, each with its path', () => {
  const problems = problemsOf({
    target: { ...minimal, metadata: { name: 'Not A Name' }, spec: { ...minimal.spec, restartPolicy: 'Always' } },
    provider_config: { kubeconfig: 5, colour: 'blue' },
    docker_config_json: '{}',
    extra: true,
  });
  for (const path of [
    'target.metadata.name',
    'target.spec.restartPolicy',
    'provider_config.kubeconfig',
    'provider_config.colour',
    'docker_config_json',
    'extra',
  ]) {
    expect(problems).toContainEqual(expect.stringMatching(new RegExp(`^- ${path.replaceAll('.', '\\.')}[ (]`)));
  }
  expect(problems).toHaveLength(6);
});

test.each([
  ['a list', [], /^- the stack input is not a mapping/],
  ['nothing', null, /^- the stack input is not a mapping/],
  ['no target', { kubernetes_namespace: 'a' }, /^- target is missing/],
  ['a target that is text', { target: 'small' }, /^- target is not a mapping/],
  [
    'a key in both spellings',
    { target: minimal, docker_config_json: '', dockerConfigJson },
    /^- docker_config_json is given twice, as docker_config_json and dockerConfigJson/,
  ],
  [
    'two kinds of clusters',
    { target: minimal, provider_config: { aws_eks: {}, gcp_gke: {} } },
    /speaks of gcp_gke and aws_eks/,
  ],
  [
    'a configuration of a cloud that is text',
    { target: minimal, provider_config: { digital_ocean_doks: 'kubeconfig' } },
    /^- provider_config.digital_ocean_doks is not a mapping/,
  ],
  [
    'credentials that are no JSON',
    { target: minimal, docker_config_json: 'auths' },
    /^- docker_config_json \(hidden\) cannot be used: .*not JSON/,
  ],
])('%s is a problem', (_, value, expected) => {
  expect(problemsOf(value)).toEqual([expect.stringMatching(expected)]);
});

test('no message hands control characters to a terminal', () => {
  const clear = '\u001b[2J\u009b2J\u202e';
  const [problem] = problemsOf({ target: minimal, provider_config: { [clear]: true } });
  expect(problem).toContain('\\u001b[2J\\u009b2J\\u202e');
  expect(problem).not.toContain('\u001b');
});

test('no message quotes a secret', () => {
  const secret = 'hunter2-hunter2';
  const problems = problemsOf({
    target: { ...minimal, spec: { ...minimal.spec, env: { secrets: { 'NOT A NAME': { value: secret } } } } },
    docker_config_json: `{"auths": "${secret}"}`,
    provider_config: { kubeconfig: { password: secret } },
  });
  expect(problems.length).toBeGreaterThanOrEqual(3);
  expect(problems.join('\n')).not.toContain(secret);
});

test('text that is not YAML fails without a line of it in the message', () => {
  const secret = 'hunter2-hunter2';
  const refused = () =>
    readStackInput({ config: undefined, env: { STACK_INPUT: `spec: {\n  password: ${secret}: [\n` } });
  expect(refused).toThrow(expect.objectContaining({ code: 'pulumi.step_failed' }));
  expect(refused).not.toThrow(secret);
});

test('reading says by a warning what is ignored, and by an error what it was doing', async () => {
  const { result, warnings } = await record(() =>
    readStackInput({ config: undefined, env: { STACK_INPUT: hackText(), STACK_INPUT_YAML: 'a: b' } }),
  );
  expect(result.target).toMatchObject({ metadata: { name: 'test-batch-job' } });
  expect(warnings).toEqual(['The stack input is read from STACK_INPUT; ignored: STACK_INPUT_YAML.']);

  expect(() => readStackInput({ config: undefined, env: { STACK_INPUT_YAML: 'a: b\na: c\n' } })).toThrow(
    expect.objectContaining({
      code: 'pulumi.step_failed',
      message: expect.stringMatching(/^reading the stack input: STACK_INPUT_YAML, line 2/),
      cause: expect.objectContaining({ code: 'job.manifest_unreadable' }),
    }),
  );
});

test('the configuration of the stack is read before the environment', async () => {
  const { result } = await record(() => readStackInput(), { 'planton-cloud:stack-input': JSON.stringify(minimal) });
  expect(result.target).toMatchObject({ metadata: { name: 'small' } });
});
