import type { EnvFromSource, EnvVar } from '@ephemera/model';
import type { JobEnvFrom, JobSecret, JobVariable, KubernetesJob } from './kubernetes-job.ts';
import { namesOf } from './names.ts';

/** The name of the pod, for programs that report who they are. HOSTNAME is left alone: the cluster sets it to the same. */
const podId: EnvVar = { name: 'K8S_POD_ID', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };

/**
 * The environment of every container of the job: K8S_POD_ID, then the variables, then the secrets, each in the order of the spec,
 * because `$(NAME)` in a value sees only what stands before it. A K8S_POD_ID of the user's takes the place of ours.
 */
export function envOf(job: KubernetesJob): readonly EnvVar[] {
  const { variables, secrets } = job.spec.env;
  const users = [...variables.map(variable), ...secrets.map((secret) => reference(secret, namesOf(job).envSecrets))];
  return users.some(({ name }) => name === podId.name) ? users : [structuredClone(podId), ...users];
}

export function envFromOf({ spec }: KubernetesJob): readonly EnvFromSource[] {
  return spec.env.envFrom.map(({ prefix, configMapRef, secretRef }: JobEnvFrom) => ({
    ...(prefix !== undefined && { prefix }),
    ...(configMapRef !== undefined && { configMapRef: { ...configMapRef } }),
    ...(secretRef !== undefined && { secretRef: { ...secretRef } }),
  }));
}

function variable(from: JobVariable): EnvVar {
  const { name } = from;
  if ('value' in from) return { name, value: from.value };
  if ('configMapKeyRef' in from) return { name, valueFrom: { configMapKeyRef: { ...from.configMapKeyRef } } };
  if ('fieldRef' in from) return { name, valueFrom: { fieldRef: { ...from.fieldRef } } };
  return { name, valueFrom: { resourceFieldRef: { ...from.resourceFieldRef } } };
}

function reference(secret: JobSecret, envSecrets: string): EnvVar {
  const { name } = secret;
  const secretKeyRef = 'value' in secret ? { name: envSecrets, key: name } : { ...secret.secretRef };
  return { name, valueFrom: { secretKeyRef } };
}
