import { instanceOwner, type Cluster } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { expect } from 'vitest';
import { patience, uniqueName } from './cluster.ts';
import { namespaceRef } from './module-stack.ts';

/** A namespace that somebody else has made, and in which somebody else makes things. */
export interface BorrowedNamespace extends AsyncDisposable {
  readonly namespace: string;
  apply(object: KubeObject): Promise<unknown>;
}

/** Disposing removes it, with all that is in it. */
export async function borrowNamespace(cluster: Cluster, what: string): Promise<BorrowedNamespace> {
  const theirs = cluster.as(instanceOwner(uniqueName('test')));
  const namespace = uniqueName(what);
  await theirs.apply<KubeObject>({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return {
    namespace,
    apply: (object) => theirs.apply(object),
    [Symbol.asyncDispose]: async () => {
      await theirs.remove(namespaceRef(namespace));
      await expect.poll(() => cluster.get(namespaceRef(namespace)), patience).toBeUndefined();
    },
  };
}
