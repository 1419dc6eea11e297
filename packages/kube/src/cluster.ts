import type { KubeObject, ObjectRef } from '@ephemera/model';
import { judge, may, mayI, type Judgement, type Right, type Subject } from './access-review.ts';
import { apply, type ApplyOptions } from './apply.ts';
import { clockAheadMs } from './clock.ts';
import { openConnection, type Connection, type ConnectionOptions } from './connection.ts';
import { create, type Created } from './create.ts';
import { everythingIn, type Everything, type EverythingOptions } from './everything-in.ts';
import { exec } from './exec.ts';
import type { ExecOptions, ExecStream } from './exec/exec-stream.ts';
import type { Urgency } from './gate.ts';
import { get } from './get.ts';
import { kindRef, type KnownKind } from './kinds.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { logs, type LogOptions } from './logs.ts';
import { list, type Listing, type ListOptions } from './list.ts';
import { nobody, ownedSelector, type Owner } from './ownership.ts';
import { patch, type PatchChange } from './patch.ts';
import { remove, type Removal, type RemoveOptions } from './remove.ts';
import { call } from './request.ts';
import { resources, type Resources } from './resources.ts';
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
  /** Undefined means that the object does not exist, never that it could not be read. `urgent`: read to remove it. Default: that of its kind. */
  get<Kind extends KubeObject>(ref: ObjectRef, signal?: AbortSignal, urgency?: Urgency): Promise<Kind | undefined>;
  /** Complete, or an error. */
  list<Kind extends KubeObject>(kind: KnownKind, options?: ListOptions): Promise<Listing<Kind>>;
  /** What is in a namespace, of every kind that the cluster knows. What cannot be listed is told apart from what is not there. */
  everythingIn(options: EverythingOptions): Promise<Everything>;
  apply<Kind extends KubeObject>(object: Kind, options?: ApplyOptions): Promise<Kind>;
  /** Makes an object that must not be there yet, or returns the one of ours that is. */
  create<Kind extends KubeObject>(object: Kind, signal?: AbortSignal): Promise<Created<Kind>>;
  remove(ref: ObjectRef, options?: RemoveOptions): Promise<Removal>;
  /** Changes some fields of an object of ours. Throws `kube.not_found` when it is gone or another one has its name. */
  patch<Kind extends KubeObject>(ref: ObjectRef, change: PatchChange, signal?: AbortSignal): Promise<Kind>;
  /** The lines of one container's log, without their ends. */
  logs(options: LogOptions): AsyncGenerator<string, void, undefined>;
  /** The same connection as somebody else: what that owner has marked may be changed and removed. Disposing it changes nothing. */
  as(owner: Owner): Cluster;
  watch<Kind extends KubeObject>(kind: KnownKind, options: WatchOptions<Kind>): Promise<void>;
  /** The version that the API server reports, for example `v1.36.3`. Proves that it answers and accepts us. */
  version(options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<string>;
  /** Whether our account has a right, in every namespace or in one. */
  mayI(right: Right, signal?: AbortSignal): Promise<boolean>;
  /** Whether another account has a right. Throws `kube.forbidden` where ours may not ask that. */
  may(subject: Subject, right: Right, signal?: AbortSignal): Promise<boolean>;
  /** The same with the API server's reason. */
  judge(subject: Subject, right: Right, signal?: AbortSignal): Promise<Judgement>;
  /** Everything that a right can be about, also what was installed: each resource and subresource. */
  resources(signal?: AbortSignal): Promise<Resources>;
  /** Runs a program in a container and stays connected to it; see `exec.ts`. */
  exec(options: ExecOptions): Promise<ExecStream>;
  /** How far the API server's clock is ahead of ours; negative when it is behind. */
  clockAheadMs(signal?: AbortSignal): Promise<number>;
}

/**
 * Without an owner nothing may be changed but by `as`, which those use who bring an owner of their own, such as each job.
 * Throws `kube.credentials_unavailable`; whether the cluster answers is not asked.
 */
export async function connectCluster(
  access: ClusterAccess,
  owner: Owner = nobody,
  options: ConnectionOptions = {},
): Promise<Cluster> {
  const connection: Connection = await openConnection(access, options);
  return { ...faceOf(connection, access, owner), [Symbol.asyncDispose]: () => connection.close() };
}

function faceOf(connection: Connection, access: ClusterAccess, owner: Owner): Cluster {
  return {
    name: access.name,
    source: access.source,
    server: access.server,
    owner,
    ours: ownedSelector(owner),
    get: (ref, signal, urgency) => get(connection, ref, { signal, ...(urgency && { urgency }) }),
    list: (kind, options) => list(connection, kindRef(kind), options),
    everythingIn: (options) => everythingIn(connection, options),
    apply: (object, options) => apply(connection, owner, object, options),
    create: (object, signal) => create(connection, owner, object, signal),
    remove: (ref, options) => remove(connection, owner, ref, options),
    patch: (ref, change, signal) => patch(connection, owner, ref, { ...change, signal }),
    logs: (options) => logs(connection, options),
    watch: (kind, options) => watch(connection, kindRef(kind), options),
    mayI: (right, signal) => mayI(connection, right, signal),
    may: (subject, right, signal) => may(connection, subject, right, signal),
    judge: (subject, right, signal) => judge(connection, subject, right, signal),
    resources: (signal) => resources(connection, signal),
    exec: (options) => exec(connection, options),
    clockAheadMs: (signal) => clockAheadMs(connection, signal),
    version: async (options) => {
      const answer = await call<{ gitVersion: string }>(connection, {
        method: 'GET',
        path: '/version',
        what: 'Reading the version of the cluster',
        // Asked by people and by readiness: a cluster that only asks for patience is there.
        urgency: 'urgent',
        ...options,
      });
      return answer.gitVersion;
    },
    as: (other) => faceOf(connection, access, other),
    [Symbol.asyncDispose]: async () => {},
  };
}
