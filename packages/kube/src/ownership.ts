import { instanceLabel, describeRef, type KubeObject } from '@ephemera/model';
import { Foreign } from './errors.ts';
import { refOf } from './get.ts';

/** Who may change and delete: what carries all of these labels is the owner's, nothing else is. */
export interface Owner {
  /** Undefined: the label must not be there. One without any label owns nothing. */
  readonly labels: Readonly<Record<string, string | undefined>>;
}

/** The owner of everything that one database knows. */
export function instanceOwner(instance: string): Owner {
  return { labels: { [instanceLabel]: instance } };
}

/** Whoever only reads. Applying as nobody is a mistake of the caller, and throws. */
export const nobody: Owner = { labels: {} };

export function ownedSelector({ labels }: Owner): string {
  // An empty selector would select everything. No object has a label and does not have it.
  if (ownsNothing(labels)) return `${instanceLabel},!${instanceLabel}`;
  return Object.entries(labels)
    .map(([key, value]) => (value === undefined ? `!${key}` : `${key}=${value}`))
    .join(',');
}

/** A copy that carries the owner's mark. Set last, so that no label of a template can pretend otherwise. */
export function marked<Kind extends KubeObject>(object: Kind, owner: Owner): Kind {
  if (ownsNothing(owner.labels))
    throw new TypeError('nobody owns nothing: connect with an owner, or use cluster.as(owner)');
  const labels = Object.entries({ ...object.metadata.labels, ...owner.labels }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...object, metadata: { ...object.metadata, labels: Object.fromEntries(labels) } };
}

export function isOwned(object: KubeObject, { labels }: Owner): boolean {
  return (
    !ownsNothing(labels) && Object.entries(labels).every(([key, value]) => object.metadata.labels?.[key] === value)
  );
}

function ownsNothing(labels: Owner['labels']): boolean {
  return Object.keys(labels).length === 0;
}

/** Whether nobody who marks like this owner has put a mark on it. */
export function isUnmarked(object: KubeObject, { labels }: Owner): boolean {
  return Object.keys(labels).every((key) => object.metadata.labels?.[key] === undefined);
}

/** Throws `kube.foreign` for an object that this owner did not make. */
export function assertOwned(object: KubeObject, owner: Owner): void {
  if (isOwned(object, owner)) return;
  throw new Foreign({ what: describeRef(refOf(object)), owner: ownerInWords(object, owner) });
}

function ownerInWords(object: KubeObject, owner: Owner): string {
  const found = object.metadata.labels ?? {};
  const instance = found[instanceLabel];
  if (instance !== undefined) return `another Ephemera (instance ${instance})`;
  if (isUnmarked(object, owner)) return 'somebody who is not Ephemera';
  const marks = Object.keys(owner.labels).flatMap((key) => (found[key] === undefined ? [] : [`${key}=${found[key]}`]));
  return `another owner (${marks.join(', ')})`;
}
