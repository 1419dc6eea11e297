import { EphemeraError } from '@ephemera/model';
import { expect, test } from 'vitest';
import { readManifest } from './read-manifest.ts';

const text = `
metadata: { name: a, labels: { x: "1" } }
spec:
  volume_mounts: [{ name: a, mount_path: /a }]
  env: { variables: { log_level: info }, secrets: [{ name: B, value: c }] }
`;
const read = (...set: readonly string[]) => readManifest(text, { source: 'job.yaml', set });

test.each([
  ['spec.parallelism=3', { spec: { parallelism: 3 } }],
  ['spec.suspend=true', { spec: { suspend: true } }],
  ['spec.command=[sh, -c, "a=b"]', { spec: { command: ['sh', '-c', 'a=b'] } }],
  ['spec.image.repo=busybox', { spec: { image: { repo: 'busybox' } } }],
  ['spec.image={repo: a, tag: "1"}', { spec: { image: { repo: 'a', tag: '1' } } }],
  ['spec.args[0]=x', { spec: { args: ['x'] } }],
  ['spec.env.secrets[1].name=C', { spec: { env: { secrets: [{ name: 'B' }, { name: 'C' }] } } }],
  ['spec.env.secrets[0].value=d', { spec: { env: { secrets: [{ name: 'B', value: 'd' }] } } }],
  ['metadata.labels["a.b/c"]=x', { metadata: { labels: { x: '1', 'a.b/c': 'x' } } }],
  ['metadata.name=', { metadata: { name: null } }],
  ['spec.env.variables.URL=https://a/?b=c', { spec: { env: { variables: { URL: 'https://a/?b=c' } } } }],
])('%s', (setting, expected) => {
  expect(read(setting)).toMatchObject(expected);
});

test.each([
  ['spec.image.tag=1.10', { spec: { image: { tag: '1.10' } } }],
  ['spec.image.tag=010', { spec: { image: { tag: '010' } } }],
  ['spec.image.tag="1.10"', { spec: { image: { tag: '1.10' } } }],
  ["spec.image.tag='1.10'", { spec: { image: { tag: '1.10' } } }],
  ['spec.image.tag=true', { spec: { image: { tag: 'true' } } }],
  ['spec.env.secrets[0].value=abc #def', { spec: { env: { secrets: [{ value: 'abc #def' }] } } }],
  ['spec.env.secrets[0].value={"a": [1]}', { spec: { env: { secrets: [{ value: '{"a": [1]}' }] } } }],
  ['spec.env.secrets[0].value=!x *y &z @a', { spec: { env: { secrets: [{ value: '!x *y &z @a' }] } } }],
  ['spec.env.variables.MSG=hello: world', { spec: { env: { variables: { MSG: 'hello: world' } } } }],
  ['spec.env.variables.SIZE=500', { spec: { env: { variables: { SIZE: '500' } } } }],
  ['spec.env.variables.SIZE.value=500', { spec: { env: { variables: { SIZE: { value: '500' } } } } }],
  ['spec.env.variables.A={value: x}', { spec: { env: { variables: { A: { value: 'x' } } } } }],
  ['spec.env.variables={A: "1"}', { spec: { env: { variables: { A: '1' } } } }],
  ['spec.env.variables.A=', { spec: { env: { variables: { A: null } } } }],
  ['spec.env.variables.A=""', { spec: { env: { variables: { A: '' } } } }],
  ['spec.namespace=1', { spec: { namespace: '1' } }],
  ['spec.restartPolicy=Never', { spec: { restartPolicy: 'Never' } }],
  ['spec.resources.limits.cpu=2', { spec: { resources: { limits: { cpu: '2' } } } }],
  ['spec.args[0]=7', { spec: { args: ['7'] } }],
  ['metadata.labels["a.b/c"]=7', { metadata: { labels: { 'a.b/c': '7' } } }],
  ['spec.configMaps={run.sh: echo}', { spec: { configMaps: { 'run.sh': 'echo' } } }],
  ['spec.configMaps["run.sh"]=#!/bin/sh\necho: x\n', { spec: { configMaps: { 'run.sh': '#!/bin/sh\necho: x\n' } } }],
])('where a field takes a text, %j is one', (setting, expected) => {
  expect(read(setting)).toMatchObject(expected);
});

test('what is not a text is read as YAML, with its rules', () => {
  expect(() => read('spec.completions=010')).toThrow('begins with 0');
});

test('all settings that cannot be used are told at once', () => {
  expect(() => read('spec.parallelism', 'spec.suspend=true', 'metadata.name.first=x', 'spec..a=1')).toThrow(
    [
      'The setting 1 of --set is not path=value.',
      'The setting metadata.name.first asks for a key of what is not a map.',
      'The setting 4 of --set is not path=value.',
    ].join('\n'),
  );
});

test('settings hold in their order, and leave the rest as it is', () => {
  const without = readManifest(text, { source: 'job.yaml' });
  expect(read('spec.parallelism=1', 'spec.parallelism=2')).toEqual({
    ...(without as object),
    spec: { ...(without as { spec: object }).spec, parallelism: 2 },
  });
});

test('a key that the manifest spells in snake_case is the same key', () => {
  const value = read('spec.volumeMounts[0].mountPath=/b', 'spec.volume_mounts[0].readOnly=true') as { spec: object };
  expect(value.spec).toMatchObject({ volume_mounts: [{ name: 'a', mount_path: '/b', readOnly: true }] });
  expect(value.spec).not.toHaveProperty('volumeMounts');
});

test('a key of a map of the user is only that key', () => {
  expect(read('spec.env.variables.logLevel=debug')).toMatchObject({
    spec: { env: { variables: { log_level: 'info', logLevel: 'debug' } } },
  });
});

const secret = 'hunter2';

test.each([
  ['spec.parallelism', 'The setting 1 of --set is not path=value.'],
  [`=${secret}`, 'The setting 1 of --set is not path=value.'],
  [`spec..a=${secret}`, 'The setting 1 of --set is not path=value.'],
  [`spec.a.=${secret}`, 'The setting 1 of --set is not path=value.'],
  [`[0]=${secret}`, 'The setting 1 of --set is not path=value.'],
  [`spec[x]=${secret}`, 'The setting 1 of --set is not path=value.'],
  [`metadata.labels["a.b=${secret}`, 'The setting 1 of --set is not path=value.'],
  [`metadata.name.first=${secret}`, 'The setting metadata.name.first asks for a key of what is not a map.'],
  [`metadata[0]=${secret}`, 'The setting metadata[0] asks for an item of what is not a list.'],
  [
    `spec.volumeMounts[2].name=${secret}`,
    'The setting spec.volumeMounts[2].name asks for item 2 of a list of 1, which counts from 0 at spec.volumeMounts[2].',
  ],
  [
    `spec.__proto__.x=${secret}`,
    'The setting spec.__proto__.x has a key that JavaScript keeps for itself at spec.__proto__.',
  ],
  [
    `spec.env.secrets[0].value="${secret}`,
    'The setting spec.env.secrets[0].value has a value that is not YAML: a character is missing: a quote, a comma, a colon or a bracket.',
  ],
])('%s is refused: %s', (setting, message) => {
  let thrown: unknown;
  try {
    read(setting);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(EphemeraError);
  expect(thrown).toMatchObject({ code: 'job.set_invalid', message });
  expect(JSON.stringify(thrown)).not.toContain(secret);
});
