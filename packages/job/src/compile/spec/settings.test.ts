import { expect, test } from 'vitest';
import { briefly, manifest, mount, problemsOf } from '../../../test/manifests.ts';
import { parseJob } from '../index.ts';

const none = Symbol('not set');
type Count = number | null | typeof none;

function counts(parallelism: Count, completions: Count, others: object = {}) {
  return manifest({
    ...(parallelism !== none && { parallelism }),
    ...(completions !== none && { completions }),
    ...others,
  });
}

test.each<[Count, Count, number | null, number | null]>([
  // written                → in the Job
  [none, none, 1, 1],
  [1, none, 1, 1],
  [2, none, 2, null],
  [2, 0, 2, null],
  [2, null, 2, null],
  [none, 0, 1, null],
  [none, null, 1, null],
  [none, 5, 1, 5],
  [3, 5, 3, 5],
  [5, 3, 5, 3],
  [0, none, null, 1],
  [null, none, null, 1],
  [0, 4, null, 4],
  [0, 0, null, null],
])('parallelism %s and completions %s become %s and %s', (parallelism, completions, parallel, complete) => {
  const { spec } = parseJob(counts(parallelism, completions));
  expect([spec.parallelism, spec.completions]).toEqual([parallel, complete]);
  expect(parseJob(parseJob(counts(parallelism, completions))).spec).toEqual(spec);
});

const indexed = { completionMode: 'Indexed' };
const named = (length: number, spec: object) => manifest(spec, { name: 'x'.repeat(length) });

test.each([
  ['with the default of 1', counts(none, none, indexed)],
  ['with 100,000 at a time', counts(100_000, 200_000, indexed)],
  ['whose last pod has a host name of 63 characters', named(60, { ...indexed, completions: 100 })],
])('an Indexed job %s is taken', (_, value) => {
  expect(problemsOf(value)).toEqual([]);
});

test.each([
  ['spec.completions is not set, and completionMode Indexed needs it', counts(2, none, indexed)],
  ['spec.completions is not set, and completionMode Indexed needs it', counts(none, 0, indexed)],
  ['spec.completions is not set, and completionMode Indexed needs it', counts(none, null, indexed)],
  ['spec.parallelism is above 100000, the most that Kubernetes takes with Indexed', counts(100_001, 5, indexed)],
  [
    "metadata.name is too long for 101 indexes: the last pod's host name would have 64 characters, of 63",
    named(60, { ...indexed, completions: 101 }),
  ],
])('%s', (problem, value) => {
  expect(briefly(value)).toEqual([problem]);
});

test('a name that is too long for its indexes is told how long it may be', () => {
  expect(problemsOf(named(63, { ...indexed, completions: 1000 }))[0]?.fix).toBe('Use at most 59 characters.');
});

test.each([
  ['backoffLimit', 0, 0],
  ['activeDeadlineSeconds', 0, null],
  ['activeDeadlineSeconds', null, null],
  ['activeDeadlineSeconds', 9_223_372_036, 9_223_372_036],
  ['ttlSecondsAfterFinished', 0, null],
  ['ttlSecondsAfterFinished', null, null],
  ['ttlSecondsAfterFinished', 2_147_483_647, 2_147_483_647],
  ['suspend', true, true],
  ['command', [], []],
])('%s %j becomes %j', (field, written, read) => {
  expect(parseJob(manifest({ [field]: written })).spec).toMatchObject({ [field]: read });
});

test.each([
  ['parallelism', -1, 'is not between 0 and 2147483647'],
  ['parallelism', 1.5, 'is not a whole number'],
  ['completions', 2_147_483_648, 'is not between 0 and 2147483647'],
  ['backoffLimit', '3', 'is not a number'],
  ['backoffLimit', Number.NaN, 'is not a number'],
  ['activeDeadlineSeconds', 9_223_372_037, 'is not between 0 and 9223372036'],
  ['ttlSecondsAfterFinished', true, 'is not a number'],
  ['completionMode', 'indexed', 'is not one of the values that it can have'],
  ['restartPolicy', 'never', 'is not one of the values that it can have'],
  ['suspend', 'true', 'is not true or false'],
  ['createNamespace', 1, 'is not true or false'],
  ['command', 'sh -c true', 'is not a list'],
  ['args', { a: 1 }, 'is not a list'],
])('%s %j %s', (field, value, problem) => {
  expect(briefly(manifest({ [field]: value }))).toEqual([`spec.${field} ${problem}`]);
});

test('a number in quotes is told without them, and one with a 0 in front what it is in octal', () => {
  const mode = (defaultMode: string) =>
    problemsOf(manifest({ volumeMounts: [mount({ emptyDir: undefined, secret: { name: 'a', defaultMode } })] }))[0]
      ?.fix;
  expect(mode('256')).toBe('Write 256 without quotes.');
  expect(mode('0400')).toBe('Write a whole number. 0400 in octal is 256.');
  expect(mode('0999')).toBe('Write a whole number.');
});

test.each([
  [{ parallelism: Number.NaN }, 'Write a number.'],
  [{ resources: { limits: { cpu: Number.NaN } } }, 'Write a text or a number.'],
])('%j is not told to be put in quotes', (spec, fix) => {
  expect(problemsOf(manifest(spec)).map((problem) => problem.fix)).toEqual([fix]);
});

test('a value in the wrong case is told the right one', () => {
  expect(problemsOf(manifest({ restartPolicy: 'never' }))[0]?.fix).toBe(
    'Write one of: OnFailure, Never. Did you mean Never?',
  );
});

test('each missing value of the resources has its own default, and a request that nobody asked for gives way to the limit', () => {
  const read = (resources: object) => parseJob(manifest({ resources })).spec.resources;
  expect(read({ limits: { cpu: '2' } })).toEqual({
    limits: { cpu: '2', memory: '1Gi' },
    requests: { cpu: '50m', memory: '100Mi' },
  });
  expect(read({ limits: { cpu: '20m', memory: '64Mi' } })).toEqual({
    limits: { cpu: '20m', memory: '64Mi' },
    requests: { cpu: '20m', memory: '64Mi' },
  });
  expect(read({ limits: { cpu: 2 }, requests: { cpu: 1.5, memory: '1024Mi' } })).toEqual({
    limits: { cpu: '2', memory: '1Gi' },
    requests: { cpu: '1.5', memory: '1024Mi' },
  });
});

test.each([
  ['spec.resources.requests.cpu is above the limit, 500m', { limits: { cpu: '500m' }, requests: { cpu: '0.6' } }],
  ['spec.resources.requests.memory is above the limit, 1Gi by default', { requests: { memory: '1.1Gi' } }],
  ['spec.resources.requests.cpu is above the limit, 1000m by default', { requests: { cpu: 2 } }],
  ['spec.resources.limits.memory is not a quantity', { limits: { memory: '1gb' } }],
  ['spec.resources.limits.cpu is not a quantity', { limits: { cpu: -1 } }],
  ['spec.resources.requests.cpu is not a quantity', { requests: { cpu: '' } }],
  ['spec.resources.requests.cpu is neither a text nor a number', { requests: { cpu: true } }],
])('%s', (problem, resources) => {
  expect(briefly(manifest({ resources }))).toEqual([problem]);
});

const digest = `@sha256:${'0a'.repeat(32)}`;

test.each([
  { repo: 'busybox', tag: 'latest' },
  { repo: 'library/busybox', tag: '1.36.1-musl' },
  { repo: 'ghcr.io/owner/some_name/x__y', tag: 'V1_2' },
  { repo: 'localhost:5000/a', tag: '1' },
  { repo: 'Registry.Example:443/a-b--c', tag: '1' },
  { repo: '[::1]:5000/a', tag: '1' },
  { repo: `busybox${digest}` },
  { repo: `busybox${digest}`, tag: '1' },
])('the image %j is taken', (image) => {
  expect(problemsOf(manifest({ image }))).toEqual([]);
});

test.each([
  ['spec.image.tag is missing', { repo: 'busybox' }],
  ['spec.image.repo has a tag in it', { repo: 'busybox:1.36' }],
  ['spec.image.repo has a tag in it', { repo: 'localhost:5000/a:1', tag: '1' }],
  ['spec.image.repo is not the name of an image repository', { repo: 'Busybox', tag: '1' }],
  ['spec.image.repo is not the name of an image repository', { repo: 'owner//name', tag: '1' }],
  ['spec.image.repo is a URL', { repo: 'https://ghcr.io/a', tag: '1' }],
  ['spec.image.repo is not the name of an image repository', { repo: 'ghcr.io:99999/a', tag: '1' }],
  ['spec.image.repo is not the name of an image repository', { repo: 'a b', tag: '1' }],
  ['spec.image.repo is not the name of an image repository', { repo: 'a'.repeat(256), tag: '1' }],
  ['spec.image.repo is empty', { repo: '', tag: '1' }],
  ['spec.image.repo has a digest that is none', { repo: 'busybox@sha256:abc' }],
  ['spec.image.tag is a digest', { repo: 'busybox', tag: digest.slice(1) }],
  ['spec.image.tag is missing', { repo: 'busybox', tag: '' }],
  ['spec.image.tag is not a tag', { repo: 'busybox', tag: '-1' }],
  ['spec.image.tag is not a tag', { repo: 'busybox', tag: 'a/b' }],
  ['spec.image.tag is not a text', { repo: 'busybox', tag: 1.36 }],
  [
    'spec.image.pullSecretName is not a name that Kubernetes takes',
    { repo: 'a', tag: '1', pullSecretName: 'My Secret' },
  ],
])('%s', (problem, image) => {
  const found = briefly(manifest({ image }));
  expect(found.filter((other) => other !== 'spec.image.tag is missing' || other === problem)).toEqual([problem]);
});

test('a tag inside of the repository is told where it belongs', () => {
  expect(problemsOf(manifest({ image: { repo: 'localhost:5000/a:1' } }))[0]?.fix).toBe(
    'Write repo: localhost:5000/a and tag: "1".',
  );
  expect(problemsOf(manifest({ image: { repo: 'registry:5000' } }))[0]?.fix).toBe(
    'Write repo: registry and tag: "5000"; if registry:5000 is a registry, add the repository behind it.',
  );
});

test.each([
  [{ clusterKind: 'GcpGkeCluster', clusterName: 'main' }, []],
  [{}, []],
  [{ clusterKind: 'Gke' }, ['spec.targetCluster.clusterKind is not one of the values that it can have']],
  [{ clusterName: 'Main Cluster' }, ['spec.targetCluster.clusterName is not a name that Kubernetes takes']],
])('targetCluster %j has the problems %j', (targetCluster, problems) => {
  expect(briefly(manifest({ targetCluster }))).toEqual(problems);
});

test.each([
  ['run.sh', []],
  ['a', []],
  ['Run.sh', ['spec.configMaps["Run.sh"] is not a name that Kubernetes takes']],
  ['a_b', ['spec.configMaps.a_b is not a name that Kubernetes takes']],
  ['', ['spec.configMaps[""] is not a name that Kubernetes takes']],
  ['x'.repeat(254), [`spec.configMaps["${'x'.repeat(80)}…"] is not a name that Kubernetes takes (254 characters)`]],
])('a ConfigMap called %s has the problems %j', (name, problems) => {
  expect(briefly(manifest({ configMaps: { [name]: 'x' } }))).toEqual(problems);
});

test('a ConfigMap holds 1 MiB and no more, counted in bytes', () => {
  const content = 'ä'.repeat(512 * 1024);
  expect(briefly(manifest({ configMaps: { a: content, b: content } }))).toEqual([]);
  expect(briefly(manifest({ configMaps: { a: `${content}x` } }))).toEqual([
    'spec.configMaps.a is 1048577 bytes, and a ConfigMap takes 1048576',
  ]);
});
