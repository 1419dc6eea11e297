import type * as pulumi from '@pulumi/pulumi';

/** A variable: its name, and exactly one source. */
export interface VariableArgs {
  name: string;
  value?: pulumi.Input<string>;
  configMapKeyRef?: KeyRefArgs;
  fieldRef?: FieldRefArgs;
  resourceFieldRef?: ResourceFieldRefArgs;
}

/** A secret variable: its name, and exactly one source. */
export interface SecretArgs {
  name: string;
  /** Secret in the state of the stack, whether it is marked so or not. */
  value?: pulumi.Input<string>;
  secretRef?: KeyRefArgs;
}

/** One key of a ConfigMap or Secret of the namespace. */
export interface KeyRefArgs {
  name: pulumi.Input<string>;
  key: string;
  optional?: boolean;
}

/** A field of the pod, for example `status.podIP`. */
export interface FieldRefArgs {
  fieldPath: string;
  apiVersion?: string;
}

/** A resource of the container, for example `limits.memory`. */
export interface ResourceFieldRefArgs {
  resource: string;
  containerName?: string;
  divisor?: string;
}

/** All keys of a ConfigMap or a Secret; exactly one of the two. */
export interface EnvFromArgs {
  prefix?: string;
  configMapRef?: NameRefArgs;
  secretRef?: NameRefArgs;
}

/** A ConfigMap or Secret of the namespace. */
export interface NameRefArgs {
  name: pulumi.Input<string>;
  optional?: boolean;
}
