import { compile, type CompiledJob, type KubernetesJobManifest } from '@ephemera/job/compile';
import * as pulumi from '@pulumi/pulumi';
import { beforeAll, expect, test } from 'vitest';
import { compileCarried } from '../iac/pulumi/module/carried/compile-carried.ts';
import { dockerConfigJson, minimal } from './examples.ts';
import { failureOf, record, valueOf } from './recorder.ts';

// Outputs need a runtime that is in a run of its own; the mock engine is one.
beforeAll(() => record(() => undefined));

const later = (value: unknown) => pulumi.output(Promise.resolve(value as string));
const job = (spec: object) => ({ ...minimal, spec: { ...minimal.spec, ...spec } });
const imageOf = (compiled: CompiledJob) =>
  compiled.job.spec.template.spec.containers[0]?.image as unknown as pulumi.Output<string>;

function failureOfPlain(manifest: unknown): Error {
  try {
    compile(manifest as KubernetesJobManifest);
  } catch (error) {
    return error as Error;
  }
  return expect.fail('it is compiled');
}

test('without outputs the objects are those of the compiler', () => {
  expect(compileCarried(minimal)).toEqual(compile(minimal as KubernetesJobManifest));
});

test('the objects with outputs are, once they are known, those of the plain values', async () => {
  const spec = (text: Text) => ({
    namespace: text('home'),
    createNamespace: true,
    image: { repo: text('registry.example:5000/a/b'), tag: text('v1') },
    command: [text('sh'), '-c', text('output-1-pending is no stand-in')],
    configMaps: { a: text('') },
    env: {
      variables: { ONE: { value: text('same') }, TWO: { value: text('same') } },
      secrets: { THREE: { value: text('') } },
    },
  });
  const carried = compileCarried(job(spec(later)), later(dockerConfigJson));
  const plain = compile(job(spec((value) => value)) as KubernetesJobManifest, { dockerConfigJson });
  expect(await valueOf(pulumi.output(carried) as unknown as pulumi.Output<CompiledJob>)).toEqual(plain);
});

type Text = (value: unknown) => unknown;

test.each<[string, (text: Text) => object]>([
  ['a namespace', (text) => ({ namespace: text('Not A Name') })],
  ['a tag', (text) => ({ image: { repo: 'busybox', tag: text('no tag') } })],
  ['a repository that needs a tag', (text) => ({ image: { repo: text('busybox') } })],
  ['a claim', (text) => ({ volumeMounts: [{ name: 'a', mountPath: '/a', pvc: { claimName: text('A_B') } }] })],
  ['a number', (text) => ({ command: [text(5)] })],
])('an output that turns out to be %s that is wrong fails with the message of the plain value', async (_, spec) => {
  const failure = await failureOf(() => compileCarried(job(spec(later))));
  expect(failure).toMatchObject({ code: 'job.invalid', message: failureOfPlain(job(spec((value) => value))).message });
});

test('a secret output that is wrong fails without being quoted, also not by its cause', async () => {
  const tag = pulumi.secret(later('hunter 2'));
  const failure = await failureOf(() => compileCarried(job({ image: { repo: 'busybox', tag } })));
  expect(failure.message).toContain('spec.image.tag (hidden) is not a tag.');
  expect(failure.message).not.toContain('hunter 2');
  expect(failure.cause).toBeUndefined();
});

test('credentials that turn out not to be any fail by the rule for plain ones', async () => {
  const failure = await failureOf(() => compileCarried(minimal, later('{"auths": 5}')));
  expect(failure).toMatchObject({ code: 'job.docker_config_invalid' });
});

test('an output that would take a field away fails, since the objects are decided before', async () => {
  const failure = await failureOf(() => compileCarried(minimal, later('')));
  expect(failure).toMatchObject({
    code: 'pulumi.output_changes_objects',
    message: 'The value of dockerConfigJson would change which objects or fields there are.',
  });
});

test('all outputs that stand in the wrong place are named', () => {
  expect(() => compileCarried({ ...job({ parallelism: later('5') }), kind: later('KubernetesJob') })).toThrow(
    expect.objectContaining({
      code: 'pulumi.output_not_allowed',
      message: expect.stringMatching(/: kind, spec\.parallelism\.$|: spec\.parallelism, kind\.$/),
    }),
  );
});

test('places are named as in the manifest', () => {
  expect(() => compileCarried(job({ volumeMounts: [{ name: 'a', mountPath: later('/a'), emptyDir: {} }] }))).toThrow(
    'spec.volumeMounts[0].mountPath',
  );
});

test('what is not known in a preview stays unknown', async () => {
  const unknown = later(pulumi.unknown);
  const image = imageOf(compileCarried(job({ image: { repo: 'busybox', tag: unknown } })));
  expect(await (image as unknown as { isKnown: Promise<boolean> }).isKnown).toBe(false);
});
