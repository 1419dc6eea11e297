import { compile, type CompiledJob, type KubernetesJobManifest } from '@ephemera/job/compile';
import type { PodSpec } from '@ephemera/model';
import * as pulumi from '@pulumi/pulumi';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileCarried } from '../iac/pulumi/module/carried/compile-carried.ts';
import { dockerConfigJson, minimal } from './examples.ts';
import { failureOf, failuresOf, mocks, record, valueOf } from './recorder.ts';

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
  const { message } = failureOfPlain(job(spec((value) => value)));
  expect(failure).toMatchObject({ message: expect.stringContaining(message), cause: { code: 'job.invalid', message } });
});

test.each<[string, string, (text: Text) => object]>([
  ['a tag', 'hunter 2', (text) => ({ image: { repo: 'busybox', tag: text('hunter 2') } })],
  ['a repository with a tag of its own', 'hunter2', (text) => ({ image: { repo: text('busybox:hunter2'), tag: '1' } })],
  ['a name', 'Hunter', (text) => ({ serviceAccountName: text('Hunter_2') })],
])(
  'a secret output that is %s that is wrong fails without being quoted, also not by its cause',
  async (_, value, spec) => {
    const failure = await failureOf(() => compileCarried(job(spec((text) => pulumi.secret(later(text))))));
    expect(failure.message).toMatch(/- spec\.\S+ \(hidden\) is refused/);
    expect(failure.message).not.toContain(value);
    expect(failure.cause).toMatchObject({ code: 'job.invalid' });
    expect(failure.cause).not.toHaveProperty('cause');
    expect(JSON.stringify((failure.cause as { details?: unknown }).details)).not.toContain(value);
  },
);

test('credentials that turn out not to be any fail by the rule for plain ones', async () => {
  const failure = await failureOf(() => compileCarried(minimal, later('{"auths": 5}')));
  expect(failure).toMatchObject({ cause: { code: 'job.docker_config_invalid' } });
});

test('an output that would take a field away fails, since the objects are decided before', async () => {
  const failure = await failureOf(() => compileCarried(minimal, later('')));
  expect(failure).toMatchObject({
    message: expect.stringContaining('The value of dockerConfigJson would change which objects or fields there are.'),
    cause: { code: 'pulumi.output_changes_objects' },
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

describe('one value given twice, as two outputs', () => {
  const podOf = async (spec: object) => {
    const { job: compiled } = compileCarried(job(spec));
    return valueOf(pulumi.output(compiled.spec.template.spec as unknown) as pulumi.Output<PodSpec>);
  };

  test('mounts of one claim, each with an output of its own or with its plain name, share one volume', async () => {
    const { volumes } = await podOf({
      volumeMounts: [
        { name: 'data', mountPath: '/a', pvc: { claimName: later('claim') } },
        { name: 'data', mountPath: '/b', pvc: { claimName: later('claim') } },
        { name: 'data', mountPath: '/c', pvc: { claimName: 'claim' } },
      ],
    });
    expect(volumes).toEqual([{ name: 'data', persistentVolumeClaim: { claimName: 'claim' } }]);
  });

  test('mounts of one name whose outputs turn out to be two claims fail with the message of the plain values', async () => {
    const spec = (text: Text) => ({
      volumeMounts: [
        { name: 'data', mountPath: '/a', pvc: { claimName: text('one') } },
        { name: 'data', mountPath: '/b', pvc: { claimName: text('two') } },
      ],
    });
    const failure = await failureOf(() => compileCarried(job(spec(later))));
    expect(failure.message).toContain(failureOfPlain(job(spec((value) => value))).message);
  });

  test('a pull secret of two images is named once', async () => {
    const { imagePullSecrets } = await podOf({
      image: { repo: 'busybox', tag: '1', pullSecretName: later('pull') },
      initContainers: [
        { name: 'one', image: { repo: 'busybox', tag: '1', pullSecretName: later('pull') } },
        { name: 'two', image: { repo: 'busybox', tag: '1', pullSecretName: later('other') } },
      ],
    });
    expect(imagePullSecrets).toEqual([{ name: 'pull' }, { name: 'other' }]);
  });
});

test('what is wrong with one output is one error, however often the output is used', async () => {
  const failures = await failuresOf(() =>
    compileCarried(job({ namespace: later('Not A Name'), configMaps: { a: 'a', b: 'b' } })),
  );
  expect(failures.length).toBeGreaterThan(1);
  expect(new Set(failures).size).toBe(1);
});

describe('in a preview', () => {
  const isKnown = async (tag: unknown) => {
    const image = imageOf(compileCarried(job({ image: { repo: 'busybox', tag } })));
    return (image as unknown as { isKnown: Promise<boolean> }).isKnown;
  };

  test('what is not known stays unknown', async () => {
    expect(await isKnown(later(pulumi.unknown))).toBe(false);
  });

  test('what has no value yet counts as unknown; in the update it is refused', async () => {
    await pulumi.runtime.setMocks(mocks, 'project', 'stack', true);
    expect(await isKnown(later(undefined))).toBe(false);
    await pulumi.runtime.setMocks(mocks, 'project', 'stack', false);
    const failure = await failureOf(() => compileCarried(job({ command: ['sh', later(undefined)] })));
    expect(failure.message).toContain('spec.command[1]');
  });
});
