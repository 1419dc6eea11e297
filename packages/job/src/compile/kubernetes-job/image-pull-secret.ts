import { DockerConfigInvalid } from '../errors.ts';
import { isObject } from '../spec/shape.ts';
import type { SecretObject } from './compiled-job.ts';
import type { KubernetesJob } from './kubernetes-job.ts';
import { metadataOf } from './metadata.ts';
import { namesOf } from './names.ts';

/**
 * The Secret `{name}-image-pull-secret`; undefined without credentials. An empty text counts as none, which is how stack inputs spell
 * a text that is not set. Throws `DockerConfigInvalid`.
 */
export function imagePullSecretOf(job: KubernetesJob, dockerConfigJson = ''): SecretObject | undefined {
  if (dockerConfigJson === '') return undefined;
  const problem = dockerConfigProblem(dockerConfigJson);
  if (problem !== undefined) throw new DockerConfigInvalid({ problem });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadataOf(job, namesOf(job).imagePullSecret),
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': dockerConfigJson },
  };
}

/** The Secrets with which the job's images are pulled: ours, then those that the spec names, each once. */
export function pullSecretsOf(job: KubernetesJob, ours: SecretObject | undefined): readonly string[] {
  const images = [job.spec.image, ...(job.spec.initContainers ?? []).map(({ image }) => image)];
  const names = [ours?.metadata.name, ...images.map(({ pullSecretName }) => pullSecretName)];
  return [...new Set(names.flatMap((name) => (name ? [name] : [])))];
}

/** Why a text is not what a kubelet takes as credentials for registries; undefined: it is. Never quotes it. */
export function dockerConfigProblem(text: string): string | undefined {
  const config = parsed(text);
  if (config === undefined) return 'they are not JSON';
  if (!isObject(config) || !isObject(config['auths'])) return 'they have no object "auths"';
  return Object.values(config['auths']).every(isObject) ? undefined : 'an entry of "auths" is not an object';
}

/** Without the parser's own message, which quotes the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
