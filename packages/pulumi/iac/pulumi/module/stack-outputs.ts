import type * as pulumi from '@pulumi/pulumi';

// Apart from the function that makes them, so that programs that are checked against it need not load the types of all of Kubernetes.

/** The outputs of a stack of this module. */
export interface Outputs {
  readonly namespace: pulumi.Output<string>;
  readonly job_name: pulumi.Output<string>;
}
