import * as pulumi from '@pulumi/pulumi';
import { initializeLocals } from '../locals.ts';
import { objects } from '../objects.ts';
import { exportOutputs } from '../outputs.ts';
import { orRunError } from '../run-error.ts';
import { COMPONENT_TYPE } from '../vars.ts';
import type { KubernetesJobArgs } from './args.ts';

/**
 * One KubernetesJob: a Job with its namespace (if asked for), its Secrets and its ConfigMaps.
 *
 * An update waits until the Job has completed, and fails if the Job fails.
 */
export class KubernetesJob extends pulumi.ComponentResource {
  /** The namespace of the Job. */
  readonly namespace: pulumi.Output<string>;
  /** The name of the Job. */
  readonly jobName: pulumi.Output<string>;

  /**
   * Throws where the arguments are wrong, with all problems at once; an output among them that resolves to a wrong value fails the update
   * with the same message. `customTimeouts` of the options are those of the objects: `create` and `update` say how long the Job is waited
   * for. Default: its deadline and 5 minutes, or an hour without one.
   */
  constructor(name: string, args: KubernetesJobArgs, opts?: pulumi.ComponentResourceOptions) {
    const { dockerConfigJson, ...job } = args;
    const target = { apiVersion: API_VERSION, kind: 'KubernetesJob', ...job };
    // Before anything is registered: wrong arguments leave no trace in the stack.
    const locals = orRunError(() => initializeLocals({ target, dockerConfigJson, prefix: name }));
    super(COMPONENT_TYPE, name, {}, opts);
    const { customTimeouts } = opts ?? {};
    const options = { parent: this, ...(customTimeouts !== undefined && { customTimeouts }) };
    const outputs = exportOutputs(
      locals,
      orRunError(() => objects(locals, options)),
    );
    this.namespace = outputs.namespace;
    this.jobName = outputs.job_name;
    this.registerOutputs({ namespace: this.namespace, jobName: this.jobName });
  }
}

const API_VERSION = 'kubernetes.project-planton.org/v1';
