import { refOf } from '@ephemera/kube';
import { describeRef, type KubeObject, type ObjectMeta } from '@ephemera/model';

const namedAtMost = 5;

/** What is still there and what it waits for, as the end of a sentence. Pure. */
export function whatIsLeft(objects: readonly KubeObject[]): string {
  const named = objects.slice(0, namedAtMost).map(inWords);
  const more = objects.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''} still there.`;
}

function inWords(object: KubeObject): string {
  const { finalizers = [], deletionTimestamp }: ObjectMeta & { finalizers?: readonly string[] } = object.metadata;
  const waits = [
    ...(deletionTimestamp === undefined ? [] : [`to be gone by ${deletionTimestamp}`]),
    ...(finalizers.length === 0 ? [] : [`held by ${finalizers.join(' and ')}`]),
  ];
  return `${describeRef(refOf(object))}${waits.length === 0 ? '' : ` (${waits.join(', ')})`}`;
}
