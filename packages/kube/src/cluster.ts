import type { KubeObject, ObjectRef } from '@ephemera/model';
import { apply, type ApplyOptions } from './apply.ts';
import { openConnection, type Connection } from './connection.ts';
import { get } from './get.ts';
import { kindRef, type KnownKind } from './kinds.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { list, type Listing, type ListOptions } from './list.ts';
import { ownedSelector, type Owner } from './ownership.ts';
import { remove, type Removal, type RemoveOptions } from './remove.ts';
import { call } from './request.ts';
import { watch, type WatchOptions } from './watch.ts';

/**
 * One cluster, as one owner. The thin face of this package: every method is a free function of the file that bears its name.
 * All of them throw typed errors of `errors.ts`; every call has a deadline.
 */
export interface Cluster extends AsyncDisposable {
  readonly name: string;
  /** Where the access was found, for people. */
  readonly source: string;
  readonly server: string;
  readonly owner: Owner;
  /** The label selector of everything that is ours. */
  readonly ours: string;
  /** Undefined means that the object does not exist, never that it could not be read. */
  get<Kind extends KubeObject>(ref: ObjectRef, signal?: AbortSignal): Promise<Kind | undefined>;
  /** Complete, or an error. */
  list<Kind extends KubeObject>(kind: KnownKind, options?: ListOptions): Promise<Listing<Kind>>;
  apply<Kind extends KubeObject>(object: Kind, options?: ApplyOptions): Promise<Kind>;
  remove(ref: ObjectRef, options?: RemoveOptions): Promise<Removal>;
  watch<Kind extends KubeObject>(kind: KnownKind, options: WatchOptions<Kind>): Promise<void>;
  /** The version that the API server reports, for example `v1.36.3`. Proves that it answers and accepts us. */
  version(options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<string>;
}

export async function connectCluster(access: ClusterAccess, owner: Owner): Promise<Cluster> {
  const connection: Connection = await openConnection(access);
  return {
    name: access.name,
    source: access.source,
    server: access.server,
    owner,
    ours: ownedSelector(owner),
    get: (ref, signal) => get(connection, ref, signal),
    list: (kind, options) => list(connection, kindRef(kind), options),
    apply: (object, options) => apply(connection, owner, object, options),
    remove: (ref, options) => remove(connection, owner, ref, options),
    watch: (kind, options) => watch(connection, kindRef(kind), options),
    version: async (options) => {
      const answer = await call<{ gitVersion: string }>(connection, {
        method: 'GET',
        path: '/version',
        what: 'Reading the version of the cluster',
        ...options,
      });
      return answer.gitVersion;
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}
