import { privilegedBuildersLabel } from '../objects/guard-rules.ts';
import type { CheckedOrder } from '../objects/checked-order.ts';
import type { Guard } from './guard.ts';
import { enforcedLevel, type NamespaceLabels } from './namespace-labels.ts';

interface Known {
  readonly guard: Guard;
  /** Of the namespace. Undefined: they cannot be read. */
  readonly labels: NamespaceLabels | undefined;
}

/** What whoever orders a job should know of the place where it is to run. Pure. */
export function warningsOf(
  { builder, namespace }: Pick<CheckedOrder, 'builder' | 'namespace'>,
  { guard, labels = {} }: Known,
): readonly string[] {
  const level = enforcedLevel(labels);
  return [
    ...(guard.isInPlace
      ? []
      : [`Nothing limits what the job's account may create in namespace ${namespace}: ${guard.because}`]),
    ...(level === undefined
      ? []
      : [
          `Namespace ${namespace} enforces the Pod Security level ${level}, which refuses the pods of builders: the job will wait for one in vain.`,
        ]),
    ...(builder !== 'privileged' || labels[privilegedBuildersLabel] === 'true'
      ? []
      : [
          `Namespace ${namespace} is not known to have the label ${privilegedBuildersLabel}=true, without which a privileged builder is refused.`,
        ]),
  ];
}
