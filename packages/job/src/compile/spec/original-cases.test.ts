import { expect, test } from 'vitest';
import { manifest, problemsOf } from '../../../test/manifests.ts';
import { parseJob } from '../index.ts';

// The cases that the system which this manifest comes from tests its own validation with.

const env = (env: object) => manifest({ env });

test.each([
  ['a namespace that is made', manifest({ createNamespace: true }), { createNamespace: true }],
  ['a namespace that is there', manifest({ createNamespace: false }), { createNamespace: false }],
  ['restartPolicy Never', manifest({ restartPolicy: 'Never' }), { restartPolicy: 'Never' }],
  ['restartPolicy OnFailure', manifest({ restartPolicy: 'OnFailure' }), { restartPolicy: 'OnFailure' }],
  [
    'an Indexed job',
    manifest({ completionMode: 'Indexed', completions: 10, parallelism: 5 }),
    { completionMode: 'Indexed', completions: 10, parallelism: 5 },
  ],
  ['a parallel job', manifest({ parallelism: 5, completions: 10 }), { parallelism: 5, completions: 10 }],
  ['a deadline', manifest({ activeDeadlineSeconds: 3600 }), { activeDeadlineSeconds: 3600 }],
  ['removal after the end', manifest({ ttlSecondsAfterFinished: 86_400 }), { ttlSecondsAfterFinished: 86_400 }],
  [
    'a literal variable',
    env({ variables: { LEVEL: { value: 'info' } } }),
    { env: { variables: [{ name: 'LEVEL', value: 'info' }], secrets: [], envFrom: [] } },
  ],
  [
    'a literal secret',
    env({ secrets: { KEY: { value: 'abc' } } }),
    { env: { variables: [], secrets: [{ name: 'KEY', value: 'abc' }], envFrom: [] } },
  ],
  [
    'a secret by reference',
    env({ secrets: { KEY: { secretRef: { name: 'database', key: 'password' } } } }),
    {
      env: { variables: [], secrets: [{ name: 'KEY', secretRef: { name: 'database', key: 'password' } }], envFrom: [] },
    },
  ],
  [
    'literal and referenced secrets together',
    env({ secrets: { A: { value: 'abc' }, B: { secretRef: { name: 'database', key: 'password' } } } }),
    {
      env: {
        variables: [],
        secrets: [
          { name: 'A', value: 'abc' },
          { name: 'B', secretRef: { name: 'database', key: 'password' } },
        ],
        envFrom: [],
      },
    },
  ],
])('valid: %s', (_, value, spec) => {
  expect(parseJob(value).spec).toMatchObject(spec);
});

test('valid: a variable from another resource', () => {
  const value = env({
    variables: { HOST: { valueFrom: { kind: 'PostgresKubernetes', name: 'main', fieldPath: 'status.host' } } },
  });
  const job = parseJob(value, { resolve: ({ kind, name, fieldPath }) => `${kind}/${name}/${fieldPath}` });
  expect(job.spec.env.variables).toEqual([{ name: 'HOST', value: 'PostgresKubernetes/main/status.host' }]);
});

test.each([
  ['restartPolicy Always', manifest({ restartPolicy: 'Always' }), 'spec.restartPolicy'],
  ['another completionMode', manifest({ completionMode: 'Ordered' }), 'spec.completionMode'],
  [
    'a secretRef without name',
    env({ secrets: { KEY: { secretRef: { key: 'a' } } } }),
    'spec.env.secrets.KEY.secretRef.name',
  ],
  [
    'a secretRef without key',
    env({ secrets: { KEY: { secretRef: { name: 'a' } } } }),
    'spec.env.secrets.KEY.secretRef.key',
  ],
  [
    'a valueFrom without name',
    env({ variables: { A: { valueFrom: { kind: 'X' } } } }),
    'spec.env.variables.A.valueFrom.name',
  ],
])('invalid: %s', (_, value, path) => {
  expect(problemsOf(value).map((problem) => problem.path)).toEqual([path]);
});
