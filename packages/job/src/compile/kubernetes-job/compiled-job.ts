import type { Job, KubeObject, Manifest } from '@ephemera/model';

export interface NamespaceObject extends KubeObject {
  readonly kind: 'Namespace';
}

export interface SecretObject extends KubeObject {
  readonly kind: 'Secret';
  readonly type: 'Opaque' | 'kubernetes.io/dockerconfigjson';
  /** In clear: the API server encodes it. */
  readonly stringData: Readonly<Record<string, string>>;
}

export interface ConfigMapObject extends KubeObject {
  readonly kind: 'ConfigMap';
  readonly data: Readonly<Record<string, string>>;
}

/** The objects of one KubernetesJob: each by its role, and all of them in the order in which they are made. */
export interface CompiledJob {
  readonly namespace?: NamespaceObject;
  readonly envSecrets?: SecretObject;
  readonly imagePullSecret?: SecretObject;
  readonly configMaps: readonly ConfigMapObject[];
  readonly job: Job;
  /** Namespace, Secrets, ConfigMaps, Job. */
  readonly objects: readonly Manifest[];
  readonly outputs: JobOutputs;
  /** What is legal and probably not meant. */
  readonly warnings: readonly JobWarning[];
}

export interface JobOutputs {
  readonly namespace: string;
  readonly job_name: string;
}

export interface JobWarning {
  /** For example `spec.parallelism`. */
  readonly path: string;
  readonly message: string;
}
