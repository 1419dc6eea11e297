import { expect, test } from 'vitest';
import { briefly, manifest, problemsOf } from '../../../test/manifests.ts';
import { readManifest } from '../index.ts';

const secret = 'hunter2-hunter2';
const yaml = (text: string) => readManifest(text, { source: 'job.yaml' });

test.each([
  ['of another type', { secrets: { A: [secret] } }],
  ['that is a number', { secrets: { A: 48151623 } }],
  ['beside a reference', { secrets: { A: { value: secret, secretRef: { name: 'a', key: 'b' } } } }],
  ['as a reference', { secrets: { A: { secretRef: secret } } }],
  ['as a line', { secrets: [`A=${secret}`] }],
  ['as a name', { secrets: { [`A=${secret}`]: '' } }],
  ['in place of the map', { secrets: secret }],
  ['in place of the environment', secret],
  ['under an unknown key', { secret: { A: secret } }],
  ['under an unknown key, as a text', { secret }],
  ['under a key of nobody', { API_KEY: secret }],
  ['with a name that is refused', { secrets: { 'A B': secret } }],
  ['with a name that is taken', { variables: { A: '' }, secrets: { A: secret } }],
  ['in the list form', { secrets: [{ name: 1, value: secret, extra: secret }] }],
  ['of the list form of another type', { secrets: [{ name: 'A', value: [secret] }] }],
  ['without a space before it', yaml(`secrets: {API_KEY:${secret}}`)],
  ['without a space before it, in a map', yaml(`secrets: {API_KEY: {value:${secret}}}`)],
  ['as the one key of its map', yaml(`secrets: {API_KEY: {${secret}}}`)],
  ['as the key of another', yaml(`secrets: {API_KEY: {${secret}: x}}`)],
  ['without a space before it, in a list', yaml(`secrets: [{API_KEY:${secret}}]`)],
  ['in a name of the list form', yaml(`secrets: [{name: API_KEY=${secret}, value: x}]`)],
  [
    'in a name of the list form that is refused for another reason',
    yaml(`secrets: [{name: "API_KEY: ${secret}", value: x}]`),
  ],
  ['as a line that ends with a colon', yaml(`secrets:\n- API_KEY=${secret}:`)],
  ['beside the secrets', yaml(`API_KEY=${secret}:`)],
  ['without a space before it, in a reference', yaml(`secrets: {API_KEY: {secretRef: {key:${secret}}}}`)],
])('a secret %s is in no message', (_, env) => {
  const found = problemsOf(manifest({ env }));
  expect(found).not.toEqual([]);
  expect(JSON.stringify(found)).not.toContain('hunter2');
  expect(JSON.stringify(found)).not.toContain('48151623');
});

test.each([
  ['beside the environment', { [`secrets=${secret}`]: null }],
  ['under the key of a neighbour', { secrets: secret }],
  ['under another key', { password: secret }],
  ['as user of the repository', { image: { repo: `https://user:${secret}@ghcr.io/x`, tag: '1' } }],
  ['in a repository without a scheme', { image: { repo: `user:${secret}@ghcr.io/x`, tag: '1' } }],
  ['in a URL of a repository', { image: { repo: `https://user:${secret}`, tag: '1' } }],
  [
    'in the repository of an init container',
    { initContainers: [{ name: 'a', image: { repo: `https://user:${secret}@ghcr.io/x`, tag: '1' } }] },
  ],
])('a secret %s, outside of the environment, is in no message', (_, spec) => {
  const found = problemsOf(manifest(spec));
  expect(found).not.toEqual([]);
  expect(JSON.stringify(found)).not.toContain('hunter2');
});

test('what is shown of a secret is its place', () => {
  expect(briefly(manifest({ env: { secrets: { [`API_KEY:${secret}`]: null } } }))).toEqual([
    'spec.env.secrets["API_KEY…"] has no value',
  ]);
  expect(briefly(manifest({ env: { secrets: { API_KEY: { [secret]: null, value: 'x' } } } }))).toEqual([
    'spec.env.secrets.API_KEY["(hidden key)"] is not a known key',
  ]);
  expect(problemsOf(manifest({ env: { secrets: [{ name: `API_KEY=${secret}`, value: 'x' }] } }))).toMatchObject([
    { path: 'spec.env.secrets[0].name', value: '"API_KEY…"' },
  ]);
});
