import { EphemeraError } from '@ephemera/model';
import { expect, test } from 'vitest';
import { everythingSet } from '../../../test/everything-set.ts';
import { kubernetesJob } from '../../../test/kubernetes-job.ts';
import { briefly, manifest, mount, problemsOf } from '../../../test/manifests.ts';
import { jobErrors, parseJob, type Problem } from '../index.ts';

test('a manifest with nothing but what is required gets every default', () => {
  expect(parseJob(manifest())).toEqual(kubernetesJob());
});

test.each(['kubernetes.project-planton.org/v1', 'kubernetes.openmcf.org/v1', 'kubernetes.planton.dev/v1'])(
  'apiVersion %s is taken and kept',
  (apiVersion) => {
    expect(parseJob({ ...manifest(), apiVersion }).apiVersion).toBe(apiVersion);
  },
);

test.each([
  ['apiVersion', { ...manifest(), apiVersion: 'batch/v1' }],
  ['kind', { ...manifest(), kind: 'Job' }],
  ['kind', { ...manifest(), kind: undefined }],
  ['metadata', { ...manifest(), metadata: undefined }],
  ['metadata.name', manifest({}, { name: undefined })],
  ['spec', { ...manifest(), spec: undefined }],
  ['spec.namespace', manifest({ namespace: undefined })],
  ['spec.image', manifest({ image: undefined })],
  ['spec.image.repo', manifest({ image: { tag: '1' } })],
])('a manifest whose %s is missing or another is refused there', (path, value) => {
  expect(problemsOf(value).map((problem) => problem.path)).toEqual([path]);
});

test.each([[undefined], [null], ['text'], [3], [[]], [() => undefined]])('%o is not a manifest', (value) => {
  expect(() => parseJob(value)).toThrow(jobErrors.JobInvalid);
});

test('all problems come at once, each with path, value, what is wrong and what to write instead', () => {
  const bad = manifest(
    {
      namespace: '',
      parallelism: '5',
      restartPolicy: 'Always',
      volumeMounts: [mount(), mount({ name: 'other', mountPath: 'data' })],
    },
    { name: 'Nightly' },
  );
  expect(problemsOf(bad)).toEqual([
    {
      path: 'metadata.name',
      value: '"Nightly"',
      problem: 'is not a DNS label',
      fix: 'Use lower-case letters, digits and -, at most 63 characters, beginning and ending with a letter or digit.',
    },
    { path: 'spec.parallelism', value: '"5"', problem: 'is not a number', fix: 'Write 5 without quotes.' },
    {
      path: 'spec.restartPolicy',
      value: '"Always"',
      problem: 'is for pods that never end, and a job ends',
      fix: 'Write Never for a new pod at each try, or OnFailure to start the container again in its pod.',
    },
    {
      path: 'spec.volumeMounts[1].mountPath',
      value: '"data"',
      problem: 'is not absolute',
      fix: 'Begin it with /, for example /data.',
    },
    { path: 'spec.namespace', value: '""', problem: 'is empty', fix: 'Name the namespace of the job.' },
    {
      path: 'spec.volumeMounts[1].mountPath',
      value: '"data"',
      problem: 'is where spec.volumeMounts[0] is mounted too',
      fix: 'Give each mount a path of its own.',
    },
  ]);
});

test('the message lists the problems, one on each line', () => {
  const bad = manifest({ parallelism: -1, createNamespace: 'yes', suspend: 1, env: 'X=1' });
  expect(() => parseJob(bad)).toThrow(
    [
      'The KubernetesJob has 4 problems:',
      '- spec.createNamespace ("yes") is not true or false. Write true or false.',
      '- spec.env (hidden) is not a map. Write a map.',
      '- spec.parallelism (-1) is not between 0 and 2147483647. Write a whole number from 0 to 2147483647.',
      '- spec.suspend (1) is not true or false. Write true or false.',
    ].join('\n'),
  );
});

test('a wrong part does not hide what rules say about the others, nor make them say more', () => {
  const bad = manifest({
    image: { repo: 'busybox', tag: 1.5 },
    completionMode: 'Indexed',
    parallelism: 2,
    completions: 'three',
    volumeMounts: [mount({ emptyDir: 'yes' }), 7, mount(), mount({ secret: { name: 'a' } })],
  });
  expect(briefly(bad)).toEqual([
    'spec.image.tag is not a text',
    'spec.completions is not a number',
    'spec.volumeMounts[0].emptyDir is not a map',
    'spec.volumeMounts[1] is not a map',
    'spec.volumeMounts[3] has several sources: secret, emptyDir',
    'spec.volumeMounts[2].mountPath is where spec.volumeMounts[0] is mounted too',
    'spec.volumeMounts[3].mountPath is where spec.volumeMounts[0] is mounted too',
  ]);
});

test.each([
  ['with everything set', everythingSet],
  ['with the defaults', kubernetesJob()],
])('a complete job %s comes out as it went in', (_, job) => {
  expect(parseJob(job)).toEqual(job);
});

test('keys with nothing behind them count as not written', () => {
  expect(
    parseJob(manifest({ env: null, resources: { limits: null }, volumeMounts: null, backoffLimit: null })),
  ).toEqual(kubernetesJob());
});

test('empty id, organization and environment count as not set', () => {
  expect(parseJob(manifest({}, { id: '', org: '', env: '' })).metadata).toEqual(kubernetesJob().metadata);
});

test('an empty text where one may be left out counts as left out, whatever the field', () => {
  const job = parseJob(
    manifest(
      {
        image: { repo: 'busybox', tag: '1', pullSecretName: '' },
        targetCluster: { clusterName: '' },
        serviceAccountName: '',
        runtimeClassName: '',
        volumeMounts: [mount({ subPath: '', emptyDir: undefined, configMap: { name: 'a', key: '', path: '' } })],
        env: { envFrom: [{ prefix: '', secretRef: { name: 'a' } }] },
      },
      { slug: '', group: '' },
    ),
  );
  expect(job).toEqual(
    parseJob(
      manifest({
        targetCluster: {},
        volumeMounts: [mount({ emptyDir: undefined, configMap: { name: 'a' } })],
        env: { envFrom: [{ secretRef: { name: 'a' } }] },
      }),
    ),
  );
  expect(briefly(manifest({ image: { repo: 'busybox', tag: '' } }))).toEqual(['spec.image.tag is missing']);
});

test.each([
  ['half of a surrogate pair', 'a\ud800'],
  ['U+FFFE', '\ufffe'],
  ['U+FFFF', 'a\uffff'],
])('%s is refused in whatever text it stands', (_, text) => {
  const problem = 'has a character that stands for no character: half of a surrogate pair, U+FFFE or U+FFFF';
  const found = (spec: object, metadata = {}) => briefly(manifest(spec, metadata));
  expect(found({ args: ['a', text] })).toEqual([`spec.args[1] ${problem}`]);
  expect(found({ configMaps: { a: text } })).toEqual([`spec.configMaps.a ${problem}`]);
  expect(found({ env: { secrets: { A: text } } })).toEqual([`spec.env.secrets.A ${problem}`]);
  expect(found({}, { annotations: { a: text } })).toEqual([`metadata.annotations.a ${problem}`]);
  expect(JSON.stringify(problemsOf(manifest({ args: [text] })))).not.toMatch(/[\ud800\ufffe\uffff]/);
});

test.each([
  ['a date', new Date(0)],
  ['a Map', new Map([['variables', {}]])],
  ['a function', () => undefined],
])('%s is no map with nothing in it', (_, value) => {
  expect(briefly(manifest({ env: value }))).toEqual(['spec.env is not a map']);
  expect(briefly(manifest({ resources: value }))).toEqual(['spec.resources is not a map']);
});

test('an instance of a class counts by its fields', () => {
  class Image {
    readonly repo = 'busybox';
    readonly tag = '1';
  }
  expect(parseJob(manifest({ image: new Image() }))).toEqual(kubernetesJob());
});

test('a manifest with a status, as a platform shows it, is taken', () => {
  const status = { outputs: { namespace: 'batch', job_name: 'nightly' } };
  expect(parseJob({ ...manifest(), status })).toEqual(kubernetesJob());
});

test('texts of strangers cannot write to the terminal through a message', () => {
  const escape = '\u001b[2J';
  const variable = (source: object) => ({ name: 'A', ...source });
  const bad = manifest(
    {
      [escape]: 1,
      namespace: '\u001b]0;x\u0007\u202e',
      image: `${escape}:1`,
      configMaps: { [escape]: 'x' },
      initContainers: [{ name: escape, image: { repo: `${escape}:1`, tag: '1' } }],
      env: {
        variables: [
          variable({ resourceFieldRef: { containerName: 'x', resource: escape, divisor: '3' } }),
          variable({ configMapKeyRef: { name: escape, key: 'x' } }),
        ],
        secrets: { [escape]: 'x' },
      },
    },
    { labels: { '\u009b1m': 'x' } },
  );
  const message = problemsOf(bad)
    .map(({ path, value, problem, fix }) => `${path}${value}${problem}${fix}`)
    .join('');
  expect(message).not.toMatch(/\p{C}/u);
});

test('a long value is cut', () => {
  const [problem] = problemsOf(manifest({ namespace: 'x'.repeat(100_000) }));
  expect(problem?.value).toBe(`"${'x'.repeat(60)}…"`);
});

test.each([
  ['unknown keys', (index: number) => manifest({ env: numbered(index, (key) => [key, 1]) })],
  [
    'variables that are no texts',
    (index: number) => manifest({ env: { variables: numbered(index, (key) => [key, 1]) } }),
  ],
  [
    'variables without a source',
    (index: number) => manifest({ env: { variables: numbered(index, (key) => [key, {}]) } }),
  ],
  [
    'mounts that are nothing',
    (index: number) => manifest({ volumeMounts: Array.from({ length: index }, () => ({ a: 1 })) }),
  ],
])('of many problems, here %s, a hundred are told and the others are counted, in no time', (_, make) => {
  const began = cpuMs();
  const error = thrownBy(() => parseJob(make(40_000)));
  expect(cpuMs() - began).toBeLessThan(5000);
  const { problems, more } = error.details as { problems: readonly Problem[]; more: number };
  expect(problems).toHaveLength(100);
  expect(problems.length + more).toBeGreaterThanOrEqual(40_000);
  expect(error.message).toMatch(new RegExp(`^The KubernetesJob has ${100 + more} problems:`));
  expect(error.message.split('\n').at(-1)).toBe(`and ${more} more.`);
  expect(error.message.length).toBeLessThan(50_000);
});

/** Of this thread, so that other work on the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function numbered(count: number, entry: (key: string) => [string, unknown]): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => entry(`V${index}`)));
}

function thrownBy(run: () => unknown): EphemeraError {
  try {
    run();
  } catch (error) {
    if (error instanceof EphemeraError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
