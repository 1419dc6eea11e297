import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kubernetesJob } from '../../../test/kubernetes-job.ts';
import { compileJob } from './compile-job.ts';
import { envSecretsOf } from './env-secrets.ts';

const literal = { name: 'API_KEY', value: 'k-123' };
const reference = { name: 'PASSWORD', secretRef: { name: 'database', key: 'password' } };

test.each([
  ['only literal', [literal, { name: 'EMPTY', value: '' }], { API_KEY: 'k-123', EMPTY: '' }],
  ['mixed', [reference, literal], { API_KEY: 'k-123' }],
])('%s secrets: the literal ones make the Secret', (_, secrets, stringData) => {
  expect(envSecretsOf(kubernetesJob({ spec: { env: { secrets } } }))).toStrictEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'nightly-env-secrets',
      namespace: 'batch',
      labels: {
        'project-planton.org/resource': 'true',
        'project-planton.org/resource-name': 'nightly',
        'project-planton.org/resource-kind': 'KubernetesJob',
      },
    },
    type: 'Opaque',
    stringData,
  });
});

test.each([
  ['no secrets', []],
  ['only references', [reference]],
])('%s make no Secret', (_, secrets) => {
  expect(envSecretsOf(kubernetesJob({ spec: { env: { secrets } } }))).toBeUndefined();
});

const envName = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/);
const secrets = fc.uniqueArray(
  fc.record({ name: fc.oneof(envName, fc.constant('__proto__')), rest: fc.string({ maxLength: 40 }) }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 8 },
);

test('no literal secret stands anywhere but in the Secret, and there all of them stand', () => {
  fc.assert(
    fc.property(secrets, fc.boolean(), (drawn, withInit) => {
      // The mark is found in any text that holds the value or a part of its beginning.
      const marked = drawn.map(({ name, rest }) => ({ name, value: `hidden-${rest}` }));
      const run = { name: 'prepare', image: { repo: 'busybox', tag: '1' }, command: ['true'], args: [] };
      const compiled = compileJob(
        kubernetesJob({
          spec: {
            createNamespace: true,
            env: { secrets: [...marked, reference] },
            configMaps: { script: 'true' },
            ...(withInit && { initContainers: [run] }),
          },
        }),
        { dockerConfigJson: '{"auths":{}}' },
      );

      const { envSecrets, objects, ...others } = compiled;
      const elsewhere = objects.filter(({ metadata }) => metadata.name !== 'nightly-env-secrets');
      expect(JSON.stringify([others, elsewhere])).not.toContain('hidden-');
      expect(objects).toHaveLength(elsewhere.length + 1);
      expect(new Map(Object.entries(envSecrets?.stringData ?? {}))).toEqual(
        new Map(marked.map(({ name, value }) => [name, value])),
      );
    }),
  );
});
