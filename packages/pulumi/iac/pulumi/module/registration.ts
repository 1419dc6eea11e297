import type { KubeObject } from '@ephemera/model';
import * as pulumi from '@pulumi/pulumi';

/** Options of every resource of the module: provider, parent, dependencies. */
export type Options = pulumi.CustomResourceOptions;

/**
 * The same, for an object whose name is fixed by the contract: its replacement can only be made after it is gone. Pulumi's provider
 * decides the same by itself; said here, it holds for every provider and shows in the program.
 */
export function fixedName(options: Options): Options {
  return pulumi.mergeOptions(options, { deleteBeforeReplace: true });
}

/**
 * The fields of a compiled object as the arguments of its resource. apiVersion and kind are the resource's own. The types differ in that
 * ours are read-only and say text where it may be an output; the compiler's tests and the API server check what is in them.
 */
export function asInputs<Inputs>({ apiVersion: _version, kind: _kind, ...fields }: KubeObject): Inputs {
  return fields as Inputs;
}

/** Everything else waits for the namespace, and goes before it. */
export function after(options: Options, ...resources: readonly (pulumi.Resource | undefined)[]): Options {
  return pulumi.mergeOptions(options, { dependsOn: resources.filter((resource) => resource !== undefined) });
}

/**
 * The name under which Pulumi knows a resource. In a component it starts with the component's own. In the program it says only what the
 * resource is: one stack is one job, so a job that gets another name keeps its namespace and is not made beside itself.
 */
export function resourceName(prefix: string | undefined, what: string): string {
  return prefix === undefined ? what : `${prefix}-${what}`;
}
