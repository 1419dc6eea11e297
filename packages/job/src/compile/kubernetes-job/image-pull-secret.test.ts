import { messageOf } from '@ephemera/model';
import { expect, test } from 'vitest';
import { kubernetesJob } from '../../../test/kubernetes-job.ts';
import { compileJob } from './compile-job.ts';
import { DockerConfigInvalid } from '../errors.ts';

const dockerConfigJson = '{"auths":{"registry.example":{"auth":"dXNlcjpwYXNz"}}}';
const pullSecretsIn = (compiled: ReturnType<typeof compileJob>) => compiled.job.spec.template.spec.imagePullSecrets;

test('Docker credentials become the pull secret of the job, which its pods use', () => {
  const compiled = compileJob(kubernetesJob(), { dockerConfigJson });

  expect(compiled.imagePullSecret).toStrictEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'nightly-image-pull-secret',
      namespace: 'batch',
      labels: {
        'project-planton.org/resource': 'true',
        'project-planton.org/resource-name': 'nightly',
        'project-planton.org/resource-kind': 'KubernetesJob',
      },
    },
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': dockerConfigJson },
  });
  expect(pullSecretsIn(compiled)).toStrictEqual([{ name: 'nightly-image-pull-secret' }]);
});

test.each([undefined, ''])('without credentials (%j) there is no pull secret', (none) => {
  const compiled = compileJob(kubernetesJob(), none === undefined ? {} : { dockerConfigJson: none });

  expect(compiled).not.toHaveProperty('imagePullSecret');
  expect(compiled.job.spec.template.spec).not.toHaveProperty('imagePullSecrets');
});

test('a pull secret that exists already is used, and none is made', () => {
  const image = { repo: 'registry.example/batch', tag: '1', pullSecretName: 'registry' };
  const compiled = compileJob(kubernetesJob({ spec: { image } }));

  expect(compiled).not.toHaveProperty('imagePullSecret');
  expect(pullSecretsIn(compiled)).toStrictEqual([{ name: 'registry' }]);
});

test('pull secrets of credentials, of the job and of its init containers are all used, each once', () => {
  const image = (pullSecretName: string) => ({ repo: 'registry.example/batch', tag: '1', pullSecretName });
  const init = (name: string, pullSecretName: string) => ({
    name,
    image: image(pullSecretName),
    command: [],
    args: [],
  });
  const initContainers = [init('one', 'registry'), init('two', 'mirror')];

  const compiled = compileJob(kubernetesJob({ spec: { image: image('registry'), initContainers } }), {
    dockerConfigJson,
  });

  expect(pullSecretsIn(compiled)).toStrictEqual([
    { name: 'nightly-image-pull-secret' },
    { name: 'registry' },
    { name: 'mirror' },
  ]);
});

test.each([
  ['s3cr3t', 'they are not JSON'],
  ['{"auths":{"registry.example":{"auth":"s3cr3t"}', 'they are not JSON'],
  ['"s3cr3t"', 'they have no object "auths"'],
  ['null', 'they have no object "auths"'],
  ['{"credsStore":"s3cr3t"}', 'they have no object "auths"'],
  ['{"auths":["s3cr3t"]}', 'they have no object "auths"'],
  ['{"auths":{"s3cr3t":"s3cr3t"}}', 'an entry of "auths" is not an object'],
])('credentials that no kubelet could use are refused without showing them: %s', (bad, problem) => {
  let thrown: unknown;
  try {
    compileJob(kubernetesJob(), { dockerConfigJson: bad });
  } catch (error) {
    thrown = error;
  }

  expect(thrown).toBeInstanceOf(DockerConfigInvalid);
  expect(thrown).toMatchObject({ code: 'job.docker_config_invalid', retryable: false });
  expect(messageOf(thrown)).toBe(`The Docker credentials cannot be used: ${problem}.`);
  expect(JSON.stringify(thrown)).not.toContain('s3cr3t');
  expect((thrown as Error).cause).toBeUndefined();
});
