import type * as pulumi from '@pulumi/pulumi';

/** A mount: name, path, and exactly one of the five sources. Mounts of equal name and source share one volume. */
export interface VolumeMountArgs {
  name: string;
  /** Absolute. */
  mountPath: string;
  readOnly?: boolean;
  /** Needed to mount one file. */
  subPath?: string;
  configMap?: ProjectedSourceArgs;
  secret?: ProjectedSourceArgs;
  hostPath?: HostPathArgs;
  emptyDir?: EmptyDirArgs;
  pvc?: PvcArgs;
}

/** A ConfigMap or a Secret, whole or one key of it. */
export interface ProjectedSourceArgs {
  name: pulumi.Input<string>;
  key?: string;
  /** Default: the key. */
  path?: string;
  /** Decimal: 493 is octal 0755. */
  defaultMode?: number;
}

/** A path of the node. */
export interface HostPathArgs {
  path: string;
  type?: string;
}

/** An empty folder that lasts as long as the pod. */
export interface EmptyDirArgs {
  /** `Memory`, or the node's disk (default). */
  medium?: string;
  sizeLimit?: string;
}

/** A PersistentVolumeClaim of the namespace. */
export interface PvcArgs {
  claimName: pulumi.Input<string>;
  readOnly?: boolean;
}
