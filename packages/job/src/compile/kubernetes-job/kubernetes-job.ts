import type { PodFailurePolicy, Toleration } from '@ephemera/model';

/**
 * One KubernetesJob, checked and complete: every default is filled in, references are resolved, names are legal.
 * What users write is `KubernetesJobManifest`; `parseJob` makes this of it. Between the two lies all validation, so that the compiler
 * has nothing left to doubt.
 */
export interface KubernetesJob {
  readonly apiVersion: string;
  readonly kind: 'KubernetesJob';
  readonly metadata: JobMetadata;
  readonly spec: KubernetesJobSpec;
}

export interface JobMetadata {
  /** A DNS-1123 label. The name of the Job. */
  readonly name: string;
  readonly slug?: string;
  readonly id?: string;
  readonly org?: string;
  readonly env?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly relationships: readonly Relationship[];
  readonly group?: string;
}

export interface Relationship {
  readonly kind: string;
  readonly env?: string;
  readonly name: string;
  readonly type: 'unspecified' | 'depends_on' | 'runs_on' | 'managed_by' | 'uses';
}

export interface KubernetesJobSpec {
  readonly targetCluster?: { readonly clusterKind?: string; readonly clusterName?: string };
  readonly namespace: string;
  readonly createNamespace: boolean;
  readonly image: JobImage;
  readonly resources: JobResources;
  readonly env: JobEnv;
  /** Null: left out of the Job. */
  readonly parallelism: number | null;
  /** Null: left out of the Job, which makes it a work queue. */
  readonly completions: number | null;
  readonly backoffLimit: number;
  /** Seconds. Null: no deadline. */
  readonly activeDeadlineSeconds: number | null;
  /** Seconds. Null: never removed by the cluster. */
  readonly ttlSecondsAfterFinished: number | null;
  readonly completionMode: 'NonIndexed' | 'Indexed';
  readonly restartPolicy: 'OnFailure' | 'Never';
  /** Empty: that of the image. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** Name → content. */
  readonly configMaps: Readonly<Record<string, string>>;
  readonly volumeMounts: readonly VolumeMount[];
  readonly suspend: boolean;

  // Beyond the original's 18 fields; each changes nothing when it is not set.
  readonly serviceAccountName?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly securityContext?: JobSecurityContext;
  readonly runtimeClassName?: string;
  readonly hostUsers?: boolean;
  readonly podFailurePolicy?: PodFailurePolicy;
  readonly initContainers?: readonly InitContainer[];
}

export interface JobImage {
  readonly repo: string;
  /** Missing only where `repo` carries a digest. */
  readonly tag?: string;
  readonly pullSecretName?: string;
}

/** Quantities as Kubernetes writes them. */
export interface JobResources {
  readonly limits: { readonly cpu: string; readonly memory: string };
  readonly requests: { readonly cpu: string; readonly memory: string };
}

/** In the order in which the container gets them; those of the map form are sorted by name. */
export interface JobEnv {
  readonly variables: readonly JobVariable[];
  readonly secrets: readonly JobSecret[];
  readonly envFrom: readonly JobEnvFrom[];
}

export type JobVariable =
  | { readonly name: string; readonly value: string }
  | {
      readonly name: string;
      readonly configMapKeyRef: { readonly name: string; readonly key: string; readonly optional?: boolean };
    }
  | { readonly name: string; readonly fieldRef: { readonly apiVersion?: string; readonly fieldPath: string } }
  | {
      readonly name: string;
      readonly resourceFieldRef: {
        readonly containerName?: string;
        readonly resource: string;
        readonly divisor?: string;
      };
    };

/** `value` never reaches the Job: it goes into the Secret `{name}-env-secrets`. */
export type JobSecret =
  | { readonly name: string; readonly value: string }
  | {
      readonly name: string;
      readonly secretRef: { readonly name: string; readonly key: string; readonly optional?: boolean };
    };

export interface JobEnvFrom {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name: string; readonly optional?: boolean };
  readonly secretRef?: { readonly name: string; readonly optional?: boolean };
}

/** Exactly one of the five sources is set. */
export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
  readonly subPath?: string;
  readonly configMap?: ProjectedSource;
  readonly secret?: ProjectedSource;
  readonly hostPath?: { readonly path: string; readonly type?: string };
  readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string };
  readonly pvc?: { readonly claimName: string; readonly readOnly: boolean };
}

export interface ProjectedSource {
  readonly name: string;
  readonly key?: string;
  /** Default: the key. */
  readonly path?: string;
  /** Decimal, 0 to 511 (493 is octal 0755). */
  readonly defaultMode?: number;
}

/** What of the secure default is changed; fields as in Kubernetes. */
export interface JobSecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly fsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly seccompProfile?: {
    readonly type: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
    readonly localhostProfile?: string;
  };
}

/** Runs to its end before the job's container starts. It sees the same environment and the same mounts. */
export interface InitContainer {
  readonly name: string;
  readonly image: JobImage;
  readonly command: readonly string[];
  readonly args: readonly string[];
}
