import { expect, test } from 'vitest';
import { briefly, manifest } from '../../../test/manifests.ts';
import { parseJob } from '../index.ts';

const longest = 'x'.repeat(63);

test.each([longest, 'a', '0', 'a-0', '1st'])('the name %s is taken', (name) => {
  expect(parseJob(manifest({}, { name })).metadata.name).toBe(name);
});

test.each(['', `${longest}x`, 'A', 'a.b', 'a_b', '-a', 'a-', 'a b', 'ä', 'a\n'])('the name %j is refused', (name) => {
  expect(briefly(manifest({}, { name }))).toEqual([
    `metadata.name is not a DNS label${name.length > 63 ? ' (64 characters)' : ''}`,
  ]);
});

test.each(['', `${longest}x`, 'Team-A', 'a.b', 'a b'])('the namespace %j is refused', (namespace) => {
  expect(briefly(manifest({ namespace }))).toHaveLength(1);
  expect(briefly(manifest({ namespace: { value: namespace } }))[0]).toMatch(/^spec\.namespace\.value is /);
});

test('a namespace may be written as a value', () => {
  expect(parseJob(manifest({ namespace: { value: 'team-a' } })).spec.namespace).toBe('team-a');
  expect(briefly(manifest({ namespace: {} }))).toEqual(['spec.namespace has no source']);
  expect(briefly(manifest({ namespace: ['a'] }))).toEqual(['spec.namespace is neither a text nor a map']);
});

test.each(['id', 'org', 'env'])('%s is a label value, and never cut to be one', (field) => {
  expect(parseJob(manifest({}, { [field]: 'Acme_1.x' })).metadata).toMatchObject({ [field]: 'Acme_1.x' });
  expect(briefly(manifest({}, { [field]: 'Acme & Sons' }))).toEqual([`metadata.${field} is not a legal label value`]);
  expect(briefly(manifest({}, { [field]: `${longest}x` }))).toEqual([
    `metadata.${field} is not a legal label value (64 characters)`,
  ]);
});

test.each([
  [{ team: 'data', 'example.com/Team_1': '' }, []],
  [{ 'a b': 'x' }, ['metadata.labels["a b"] is not a legal key']],
  [{ '/a': 'x' }, ['metadata.labels["/a"] is not a legal key']],
  [{ 'Example.com/a': 'x' }, ['metadata.labels["Example.com/a"] is not a legal key']],
  [{ 'a/b/c': 'x' }, ['metadata.labels["a/b/c"] is not a legal key']],
  [{ [`${longest}x`]: 'x' }, [`metadata.labels.${longest}x is not a legal key`]],
  ...['controller-uid', 'job-name', 'batch.kubernetes.io/job-name', 'batch.kubernetes.io/controller-uid'].map(
    (key): [object, string[]] => [
      { [key]: 'nightly' },
      [
        `metadata.labels${key.includes('/') ? `["${key}"]` : `.${key}`} is a label that Kubernetes itself puts on Jobs and their pods`,
      ],
    ],
  ),
  [{ team: 'a b' }, ['metadata.labels.team is not a legal label value']],
  [{ team: 1 }, ['metadata.labels.team is not a text']],
])('labels %j have the problems %j', (labels, problems) => {
  expect(briefly(manifest({}, { labels }))).toEqual(problems);
});

test('annotations hold any text, under legal keys, up to 256 KiB', () => {
  const text = 'x'.repeat(256 * 1024 - 1);
  expect(briefly(manifest({}, { annotations: { a: text } }))).toEqual([]);
  expect(briefly(manifest({}, { annotations: { ab: text } }))).toEqual([
    'metadata.annotations is 262145 bytes, and Kubernetes takes 262144',
  ]);
  expect(briefly(manifest({}, { annotations: { 'Foo.com/x': 'x' } }))).toEqual([]);
  expect(briefly(manifest({}, { annotations: { 'kubernetes.io/config.mirror': 'x' } }))).toHaveLength(1);
  expect(briefly(manifest({}, { annotations: { 'a b': 'x' } }))).toEqual([
    'metadata.annotations["a b"] is not a legal key',
  ]);
});

test('slug, tags, relationships and group are taken and kept', () => {
  const metadata = {
    name: 'nightly',
    slug: 'nightly',
    group: 'reports',
    tags: ['a', 'b'],
    relationships: [
      { kind: 'PostgresKubernetes', env: 'prod', name: 'main', type: 'depends_on' },
      { kind: 'Redis', name: 'cache', type: 'unspecified' },
    ],
  };
  const written = { ...metadata, relationships: [metadata.relationships[0], { kind: 'Redis', name: 'cache' }] };
  expect(parseJob(manifest({}, written)).metadata).toEqual({ ...metadata, labels: {}, annotations: {} });
});

test.each([
  [{ kind: 'A' }, 'metadata.relationships[0].name is missing'],
  [{ kind: '', name: 'a' }, 'metadata.relationships[0].kind is empty'],
  [{ kind: 'A', name: 'a', type: 'knows' }, 'metadata.relationships[0].type is not one of the values that it can have'],
])('the relationship %j: %s', (relationship, problem) => {
  expect(briefly(manifest({}, { relationships: [relationship] }))).toEqual([problem]);
});
