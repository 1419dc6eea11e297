import { instanceLabel, describeRef, type KubeObject } from '@ephemera/model';
import { Foreign } from './errors.ts';
import { refOf } from './get.ts';

/** Who may change and delete: everything with this instance's label is ours, nothing else is. */
export interface Owner {
  readonly instance: string;
}

export function ownedSelector(owner: Owner): string {
  return `${instanceLabel}=${owner.instance}`;
}

/** A copy that carries the owner's mark. Set last, so that no label of a template can pretend otherwise. */
export function marked<Kind extends KubeObject>(object: Kind, owner: Owner): Kind {
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, [instanceLabel]: owner.instance } },
  };
}

export function isOwned(object: KubeObject, owner: Owner): boolean {
  return object.metadata.labels?.[instanceLabel] === owner.instance;
}

/** Throws `kube.foreign` for an object that this instance did not make. */
export function assertOwned(object: KubeObject, owner: Owner): void {
  if (isOwned(object, owner)) return;
  const other = object.metadata.labels?.[instanceLabel];
  throw new Foreign({
    what: describeRef(refOf(object)),
    owner: other === undefined ? 'somebody who is not Ephemera' : `another Ephemera (instance ${other})`,
  });
}
