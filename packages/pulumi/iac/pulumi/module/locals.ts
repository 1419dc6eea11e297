import type { CompiledJob } from '@ephemera/job/compile';
import type * as pulumi from '@pulumi/pulumi';
import { compileCarried } from './carried/compile-carried.ts';
import { doing } from './errors.ts';
import { warn } from './warn.ts';

/** What the functions of the module work from: everything is decided here, they only register it. */
export interface Locals {
  /** The name of the Job. */
  readonly name: string;
  /** The first part of the names under which Pulumi knows the resources; undefined: they have none. */
  readonly prefix: string | undefined;
  /** On every object alike. */
  readonly labels: Readonly<Record<string, string>>;
  /** The objects; texts may be outputs. */
  readonly compiled: CompiledJob;
}

export interface LocalsInput {
  /** A KubernetesJob; texts may be outputs. */
  readonly target: unknown;
  readonly dockerConfigJson?: pulumi.Input<string> | undefined;
  /** Default: none. */
  readonly prefix?: string;
}

/** Checks the job and computes objects, names and labels. Says by warnings what is legal and probably not meant. */
export function initializeLocals({ target, dockerConfigJson, prefix }: LocalsInput): Locals {
  return doing('initializing the locals', () => {
    const compiled = compileCarried(target, dockerConfigJson);
    const { metadata, spec } = compiled.job;
    // These are of the arguments with stand-ins in them: what only the value of an output would be warned about is not said.
    for (const { path, message } of compiled.warnings) warn(`${path}: ${message}`);
    if ((spec.ttlSecondsAfterFinished ?? 0) > 0) warn(ttlWarning(metadata.name));
    return { name: metadata.name, prefix, labels: metadata.labels ?? {}, compiled };
  });
}

function ttlWarning(name: string): string {
  return `spec.ttlSecondsAfterFinished: the cluster will remove the Job ${name} some time after it has finished; the next update that refreshes sees it as lost, creates it again, and so runs it again. Leave the field out to run it once.`;
}
