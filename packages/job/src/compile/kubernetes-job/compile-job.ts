import type { KubeObject, Manifest } from '@ephemera/model';
import { compilePodJob } from '../pod-job/compile-pod-job.ts';
import type { CompiledJob } from './compiled-job.ts';
import { configMapsOf } from './config-maps.ts';
import { envSecretsOf } from './env-secrets.ts';
import { imagePullSecretOf, pullSecretsOf } from './image-pull-secret.ts';
import type { KubernetesJob } from './kubernetes-job.ts';
import { labelsOf } from './labels.ts';
import { namesOf } from './names.ts';
import { namespaceOf } from './namespace.ts';
import { podOf } from './pod.ts';
import { settingsOf } from './settings.ts';
import { checkSize } from './size.ts';
import { warningsOf } from './warnings.ts';

export interface CompileOptions {
  /** Credentials for registries, the text of a Docker `config.json` with `auths`. Becomes `{name}-image-pull-secret`. Empty: none. */
  readonly dockerConfigJson?: string;
}

/**
 * The objects of one KubernetesJob. Pure: no clock, network, environment or random value, so that the same input gives the same bytes.
 * All carry the same labels. Throws `DockerConfigInvalid`, and `JobInvalid` for a Job that is larger than a cluster keeps.
 */
export function compileJob(job: KubernetesJob, options: CompileOptions = {}): CompiledJob {
  const names = namesOf(job);
  const { annotations } = job.metadata;
  const namespace = namespaceOf(job);
  const envSecrets = envSecretsOf(job);
  const imagePullSecret = imagePullSecretOf(job, options.dockerConfigJson);
  const configMaps = configMapsOf(job);
  const batchJob = compilePodJob({
    name: names.job,
    namespace: names.namespace,
    labels: labelsOf(job),
    annotations,
    podAnnotations: annotations,
    settings: settingsOf(job.spec),
    pod: podOf(job, pullSecretsOf(job, imagePullSecret)),
  });
  checkSize(batchJob);
  return {
    ...(namespace !== undefined && { namespace }),
    ...(envSecrets !== undefined && { envSecrets }),
    ...(imagePullSecret !== undefined && { imagePullSecret }),
    configMaps,
    job: batchJob,
    objects: [namespace, envSecrets, imagePullSecret, ...configMaps, batchJob]
      .filter((object) => object !== undefined)
      .map(asManifest),
    outputs: { namespace: names.namespace, job_name: names.job },
    warnings: warningsOf(job),
  };
}

/** A copy of the top level, since TypeScript gives only fresh objects the open type that a manifest has. */
function asManifest(object: KubeObject): Manifest {
  return { ...object };
}
