import { expect, test } from 'vitest';
import { briefly, manifest, problemsOf } from '../../../test/manifests.ts';
import { parseJob } from '../index.ts';

const parse = (env: object) => parseJob(manifest({ env })).spec.env;
const problems = (env: object) => briefly(manifest({ env }));
const reference = { valueFrom: { name: 'main' } };

test('the map form takes a text or { value }, keeps empty texts and sorts by name', () => {
  expect(parse({ variables: { Z: '1', A: { value: '' }, M: '' }, secrets: { K: 's', B: { value: '' } } })).toEqual({
    variables: [
      { name: 'A', value: '' },
      { name: 'M', value: '' },
      { name: 'Z', value: '1' },
    ],
    secrets: [
      { name: 'B', value: '' },
      { name: 'K', value: 's' },
    ],
    envFrom: [],
  });
});

test('the list form keeps its order and takes every source', () => {
  const variables = [
    { name: 'Z', value: '1' },
    { name: 'Y', configMapKeyRef: { name: 'settings', key: 'level', optional: true } },
    { name: 'X', fieldRef: { fieldPath: 'status.podIP' } },
    { name: 'W', resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } },
  ];
  const secrets = [
    { name: 'V', value: 's' },
    { name: 'U', secretRef: { name: 'database', key: 'password', optional: true } },
  ];
  const envFrom = [{ prefix: 'A_', configMapRef: { name: 'a' } }, { secretRef: { name: 'b', optional: true } }];
  expect(parse({ variables, secrets, envFrom })).toEqual({ variables, secrets, envFrom });
});

test('variables and secrets each have a form of their own', () => {
  const env = parse({ variables: { A: '1' }, secrets: [{ name: 'B', value: '2' }] });
  expect(env).toMatchObject({ variables: [{ name: 'A', value: '1' }], secrets: [{ name: 'B', value: '2' }] });
});

test('references are resolved wherever they may stand, an empty text included', () => {
  const asked: unknown[] = [];
  const job = parseJob(
    manifest({
      namespace: { valueFrom: { name: 'shared' } },
      env: {
        variables: { A: { valueFrom: { kind: 'Redis', env: 'prod', name: 'cache', fieldPath: 'status.host' } } },
        secrets: [{ name: 'B', valueFrom: { name: 'cache' } }],
      },
    }),
    {
      resolve: (wanted) => {
        asked.push(wanted);
        return wanted.name === 'shared' ? 'team-a' : '';
      },
    },
  );
  expect(asked).toEqual([
    { kind: 'KubernetesNamespace', name: 'shared', fieldPath: 'spec.name' },
    { kind: 'Redis', env: 'prod', name: 'cache', fieldPath: 'status.host' },
    { name: 'cache' },
  ]);
  expect(job.spec.namespace).toBe('team-a');
  expect(job.spec.env).toMatchObject({ variables: [{ name: 'A', value: '' }], secrets: [{ name: 'B', value: '' }] });
});

test('every reference without a value is listed', () => {
  const value = manifest({
    namespace: reference,
    env: { variables: { A: reference, B: 'x' }, secrets: [{ name: 'C', ...reference }] },
  });
  expect(problemsOf(value, { resolve: () => undefined }).map(({ path, problem }) => [path, problem])).toEqual([
    ['spec.namespace.valueFrom', 'refers to "KubernetesNamespace" "main", field "spec.name", which has no value'],
    ['spec.env.variables.A.valueFrom', 'refers to "resource" "main", which has no value'],
    ['spec.env.secrets[0].valueFrom', 'refers to "resource" "main", which has no value'],
  ]);
  expect(briefly(value)).toHaveLength(3);
});

test('a namespace that comes from a reference has to be a name too', () => {
  expect(briefly(manifest({ namespace: reference }), { resolve: () => 'Not A Name' })).toEqual([
    'spec.namespace.value is not a DNS label',
  ]);
});

test.each([
  ['spec.env.variables.A has no source', { variables: { A: {} } }],
  ['spec.env.variables.A has several sources: value, valueFrom', { variables: { A: { value: 'x', ...reference } } }],
  ['spec.env.variables[0] has no source', { variables: [{ name: 'A' }] }],
  [
    'spec.env.variables[0] has several sources: value, fieldRef',
    { variables: [{ name: 'A', value: '', fieldRef: { fieldPath: 'metadata.name' } }] },
  ],
  ['spec.env.secrets.A has no source', { secrets: { A: {} } }],
  [
    'spec.env.secrets.A has several sources: value, secretRef',
    { secrets: { A: { value: '', secretRef: { name: 'a', key: 'b' } } } },
  ],
  ['spec.env.secrets[0] has no source', { secrets: [{ name: 'A' }] }],
  ['spec.env.envFrom[0] has no source', { envFrom: [{ prefix: 'A_' }] }],
  [
    'spec.env.envFrom[0] has several sources: configMapRef, secretRef',
    { envFrom: [{ configMapRef: { name: 'a' }, secretRef: { name: 'a' } }] },
  ],
  ['spec.env.secrets.A has the same name as spec.env.variables.A', { variables: { A: '1' }, secrets: { A: '2' } }],
  [
    'spec.env.variables[1].name has the same name as spec.env.variables[0]',
    {
      variables: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    },
  ],
  [
    'spec.env.secrets[0].name has the same name as spec.env.variables.A',
    { variables: { A: '1' }, secrets: [{ name: 'A', value: '2' }] },
  ],
  ['spec.env.variables["A…"] is not the name of an environment variable', { variables: { 'A=B': '1' } }],
  ['spec.env.variables["Ä"] is not the name of an environment variable', { variables: { Ä: '1' } }],
  ['spec.env.variables[0].name is not the name of an environment variable', { variables: [{ name: '', value: '1' }] }],
  [
    'spec.env.envFrom[0].prefix is not the name of an environment variable',
    { envFrom: [{ prefix: 'a=', secretRef: { name: 'a' } }] },
  ],
  ['spec.env.secrets["my…"] is kept in a Secret, which cannot have a key of this name', { secrets: { 'my key': '1' } }],
  [
    'spec.env.secrets.A.secretRef.namespace is not the namespace of the job, "batch"',
    { secrets: { A: { secretRef: { namespace: 'other', name: 'a', key: 'b' } } } },
  ],
  [
    'spec.env.secrets.A.secretRef.name is not a name that Kubernetes takes',
    { secrets: { A: { secretRef: { name: 'A_B', key: 'b' } } } },
  ],
  [
    'spec.env.secrets.A.secretRef.key is not a key that a ConfigMap or Secret can have',
    { secrets: { A: { secretRef: { name: 'a', key: 'a/b' } } } },
  ],
  [
    'spec.env.variables[0].fieldRef.fieldPath is not a field that a variable can take',
    { variables: [{ name: 'A', fieldRef: { fieldPath: 'status.ip' } }] },
  ],
  [
    'spec.env.variables[0].resourceFieldRef.resource is not a request or limit',
    { variables: [{ name: 'A', resourceFieldRef: { resource: 'memory' } }] },
  ],
  [
    'spec.env.variables[0].fieldRef.apiVersion is no version of the pod',
    { variables: [{ name: 'A', fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } }] },
  ],
  ...["metadata.labels['a b!']", "metadata.labels['a/b/c']", "metadata.labels['Foo.com/x']"].map(
    (fieldPath): [string, object] => [
      'spec.env.variables[0].fieldRef.fieldPath is not a field that a variable can take',
      { variables: [{ name: 'A', fieldRef: { fieldPath } }] },
    ],
  ),
  [
    'spec.env.variables[0].resourceFieldRef.containerName is no container of the job',
    { variables: [{ name: 'A', resourceFieldRef: { resource: 'limits.cpu', containerName: 'main' } }] },
  ],
  ['spec.env.variables.A has a zero byte, which ends a text for Linux', { variables: { A: 'a\0b' } }],
  ['spec.env.secrets.A has a zero byte, which ends a text for Linux', { secrets: { A: { value: 'a\0b' } } }],
  [
    'spec.env.variables.AB is 131073 bytes for Linux, which gives a program at most 131072 in one argument or variable',
    { variables: { AB: 'x'.repeat(131_069), AC: 'x'.repeat(131_068) } },
  ],
  ['spec.env.variables.A has no value', { variables: { A: null } }],
  ['spec.env.variables.A is neither a text nor a map', { variables: { A: 1 } }],
  ['spec.env.variables is neither a map nor a list', { variables: 'A=1' }],
])('%s', (problem, env) => {
  expect(problems(env)).toEqual([problem]);
});

test.each([
  ['limits.cpu', ['1', '1m', 1, '1000m', '0.001', '0'], ['3', '1k', '1Ki']],
  [
    'limits.memory',
    ['1', '1k', '1M', '1E', '1Ki', '1Mi', '1Ei', '1024Ki', 1000],
    ['1m', '2Mi', '1024', '1e3', '1e0', '+1', '0.5Ki', 3],
  ],
  ['requests.ephemeral-storage', ['1Mi'], ['2Mi']],
])('%s is counted in %j, as the API server has it, and in none of %j', (resource, taken, refused) => {
  const found = (divisor: unknown) => problems({ variables: [{ name: 'A', resourceFieldRef: { resource, divisor } }] });
  expect(taken.flatMap(found)).toEqual([]);
  for (const divisor of refused)
    expect(found(divisor)).toEqual([`spec.env.variables[0].resourceFieldRef.divisor is not a unit of ${resource}`]);
});

test('a variable may name an init container, and the key of an annotation with capital letters in its domain', () => {
  const variables = [
    { name: 'A', resourceFieldRef: { resource: 'limits.cpu', containerName: 'prepare' } },
    { name: 'B', fieldRef: { apiVersion: 'v1', fieldPath: "metadata.annotations['Foo.com/x']" } },
  ];
  const initContainers = [{ name: 'prepare', image: { repo: 'busybox', tag: '1' } }];
  expect(briefly(manifest({ env: { variables }, initContainers }))).toEqual([]);
});

test('a key that a ConfigMap of the job cannot have is refused where the container would wait for it', () => {
  const asking = (ref: object) =>
    briefly(
      manifest({
        configMaps: { settings: 'x' },
        env: { variables: [{ name: 'A', configMapKeyRef: { name: 'settings', key: 'level', ...ref } }] },
      }),
    );
  expect(asking({})).toEqual([
    'spec.env.variables[0].configMapKeyRef.key is not in the ConfigMap, which comes from spec.configMaps.settings and has one key of that name',
  ]);
  expect(asking({ key: 'settings' })).toEqual([]);
  expect(asking({ name: 'others' })).toEqual([]);
  expect(asking({ optional: true })).toEqual([]);
});

test('what a reference is resolved to has to be a text for Linux too', () => {
  expect(briefly(manifest({ env: { variables: { A: reference } } }), { resolve: () => 'a\0b' })).toEqual([
    'spec.env.variables.A has a zero byte, which ends a text for Linux',
  ]);
});

test('a number as a value is to be put in quotes', () => {
  expect(problemsOf(manifest({ env: { variables: { SIZE: 100 } } }))).toMatchObject([
    { value: '100', fix: 'Put it in quotes.' },
  ]);
});

test('a secretRef may name the namespace of the job', () => {
  const { secrets } = parse({ secrets: { A: { secretRef: { namespace: 'batch', name: 'a', key: 'b' } } } });
  expect(secrets).toEqual([{ name: 'A', secretRef: { name: 'a', key: 'b' } }]);
});

test.each(['HOSTNAME', 'K8S_POD_ID', 'with.dots', 'with space', 'constructor', '1ST'])(
  'a variable may be called %s',
  (name) => {
    expect(parse({ variables: { [name]: 'x' } }).variables).toEqual([{ name, value: 'x' }]);
  },
);

test('ten thousand variables are fine', () => {
  const variables = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`V${index}`, `${index}`]));
  expect(parse({ variables }).variables).toHaveLength(10_000);
});

test('secrets that no Secret could hold together are refused', () => {
  const some = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`S${index}`, 'x'.repeat(120 * 1024)]));
  expect(problems({ secrets: some(8) })).toEqual([]);
  expect(problems({ secrets: some(10) })).toEqual([
    'spec.env.secrets is 1228800 bytes of values, and a Secret takes 1048576',
  ]);
});
