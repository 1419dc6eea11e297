import type * as pulumi from '@pulumi/pulumi';
import type { VariableArgs, SecretArgs, EnvFromArgs } from './env-args.ts';
import type { VolumeMountArgs } from './volume-args.ts';
import type { TolerationArgs, SecurityContextArgs, PodFailurePolicyArgs } from './pod-args.ts';

// Interfaces of plain properties only, and lists that are not read-only: Pulumi reads these declarations to make the schema from which
// other languages get the component, and knows no unions, no intersections and no ReadonlyArray.

/** The arguments of a KubernetesJob: the manifest's metadata and spec. What decides which objects there are is plain; texts may be outputs. */
export interface KubernetesJobArgs {
  /** Names and marks of the job. */
  metadata: MetadataArgs;
  /** What runs, and how. */
  spec: SpecArgs;
  /** Credentials for registries: the text of a Docker `config.json` with `auths`. Becomes the Secret `{name}-image-pull-secret`. */
  dockerConfigJson?: pulumi.Input<string>;
}

/** Names and marks of the job. */
export interface MetadataArgs {
  /** The name of the Job: a DNS label of at most 63 characters. */
  name: string;
  /** A short name for people. */
  slug?: string;
  /** Becomes the label `project-planton.org/resource-id`. */
  id?: string;
  /** Becomes the label `project-planton.org/organization`. */
  org?: string;
  /** Becomes the label `project-planton.org/environment`. */
  env?: string;
  /** Labels for every object. */
  labels?: { [key: string]: string };
  /** Annotations for the Job and its pods; those of Pulumi's provider (`pulumi.com/…`) for the Job only. */
  annotations?: { [key: string]: string };
  /** For people. */
  tags?: string[];
  /** What the job has to do with. */
  relationships?: RelationshipArgs[];
  /** For people. */
  group?: string;
}

/** Another resource that the job has to do with. Nothing is made of it. */
export interface RelationshipArgs {
  kind: string;
  env?: string;
  name: string;
  /** `unspecified`, `depends_on`, `runs_on`, `managed_by` or `uses`. */
  type?: string;
}

/** What runs, and how. */
export interface SpecArgs {
  /** The cluster that is meant. */
  targetCluster?: TargetClusterArgs;
  /** The namespace. */
  namespace: pulumi.Input<string>;
  /** Whether the namespace is made, and removed again. Default: false. */
  createNamespace?: boolean;
  /** The image of the job. */
  image: ImageArgs;
  /** Default: limits 1000m and 1Gi, requests 50m and 100Mi. */
  resources?: ResourcesArgs;
  /** The environment of the job. */
  env?: EnvArgs;
  /** Pods at a time. Default: 1. */
  parallelism?: number;
  /** Pods that have to succeed. Default: 1, or none (a work queue) where parallelism is above 1. */
  completions?: number;
  /** Failures before the Job is given up. Default: 6. */
  backoffLimit?: number;
  /** Seconds after which a Job that still runs is ended. Default: no limit. */
  activeDeadlineSeconds?: number;
  /** Seconds after which the cluster removes a finished Job; the next refreshing update then runs it again. Default: never. */
  ttlSecondsAfterFinished?: number;
  /** `NonIndexed` (default) or `Indexed`. */
  completionMode?: string;
  /** `Never` (default) or `OnFailure`. */
  restartPolicy?: string;
  /** Default: that of the image. */
  command?: pulumi.Input<string>[];
  /** Default: those of the image. */
  args?: pulumi.Input<string>[];
  /** Name → content. Each becomes a ConfigMap of that name with one key of the same name. */
  configMaps?: { [name: string]: pulumi.Input<string> };
  /** What is mounted where. */
  volumeMounts?: VolumeMountArgs[];
  /** Whether the Job waits before it starts. Then no update waits for it. Default: false. */
  suspend?: boolean;
  /** Default: the namespace's default account, without a token in the pod. */
  serviceAccountName?: pulumi.Input<string>;
  /** Labels of the nodes on which pods may run. */
  nodeSelector?: { [key: string]: string };
  /** Taints of nodes that the pods tolerate. */
  tolerations?: TolerationArgs[];
  /** What of the secure default is changed. */
  securityContext?: SecurityContextArgs;
  /** The runtime class of the pods. */
  runtimeClassName?: string;
  /** False: the pods have a user namespace of their own. */
  hostUsers?: boolean;
  /** Which failures count. */
  podFailurePolicy?: PodFailurePolicyArgs;
  /** Containers that run to their end, one after the other, before the job starts. */
  initContainers?: InitContainerArgs[];
}

/** A cluster by kind and name. */
export interface TargetClusterArgs {
  clusterKind?: string;
  clusterName?: string;
}

/** An image. */
export interface ImageArgs {
  /** For example `busybox`; with a digest (`busybox@sha256:…`) it needs no tag. */
  repo: pulumi.Input<string>;
  /** For example `1.36`. */
  tag?: pulumi.Input<string>;
  /** A Secret of the namespace with which the image is pulled. */
  pullSecretName?: pulumi.Input<string>;
}

/** Limits and requests of each container. */
export interface ResourcesArgs {
  limits?: QuantitiesArgs;
  requests?: QuantitiesArgs;
}

/** Quantities as Kubernetes writes them. */
export interface QuantitiesArgs {
  /** For example `500m`. */
  cpu?: string;
  /** For example `256Mi`. */
  memory?: string;
}

/** The environment of the job. */
export interface EnvArgs {
  /** Variables, in this order. */
  variables?: VariableArgs[];
  /** Secret variables. Values stand only in the Secret `{name}-env-secrets`. */
  secrets?: SecretArgs[];
  /** Whole ConfigMaps and Secrets as variables. */
  envFrom?: EnvFromArgs[];
}

/** A container that runs to its end before the job starts. */
export interface InitContainerArgs {
  name: string;
  image: ImageArgs;
  command?: pulumi.Input<string>[];
  args?: pulumi.Input<string>[];
}
