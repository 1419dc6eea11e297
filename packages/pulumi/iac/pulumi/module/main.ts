import type * as pulumi from '@pulumi/pulumi';
import { initializeLocals } from './locals.ts';
import { objects } from './objects.ts';
import { exportOutputs } from './outputs.ts';
import { provider } from './provider.ts';
import type { Outputs } from './stack-outputs.ts';
import type { StackInput } from './stack-input/stack-input.ts';

/**
 * All resources of one stack input, in order: locals, provider, namespace, Secrets, ConfigMaps, Job, outputs.
 *
 * `options` go to every resource; a provider among them is used instead of the one that the stack input describes. Throws typed errors
 * (`code`, `hint`) before the first resource is registered wherever the input decides it.
 */
export function Resources(stackInput: StackInput, options: pulumi.CustomResourceOptions = {}): Outputs {
  const { target, dockerConfigJson } = stackInput;
  const locals = initializeLocals({ target, dockerConfigJson });
  const cluster = options.provider ?? provider(stackInput, options);
  return exportOutputs(locals, objects(locals, { ...options, provider: cluster }));
}
