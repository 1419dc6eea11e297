import { describeRef, type KubeObject, type ObjectRef } from '@ephemera/model';
import type { Connection } from './connection.ts';
import { NotFound } from './errors.ts';
import type { Urgency } from './gate.ts';
import { objectPath } from './kinds.ts';
import { call } from './request.ts';

export interface GetOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: that of the object. */
  readonly urgency?: Urgency;
}

/**
 * Reads one object by a quorum read. Undefined means that the API server said "not found"; every other trouble throws,
 * so an error never looks like absence.
 */
export async function get<Kind extends KubeObject>(
  connection: Connection,
  ref: ObjectRef,
  { signal, urgency = urgencyOf(ref) }: GetOptions = {},
): Promise<Kind | undefined> {
  try {
    return await call<Kind>(connection, {
      method: 'GET',
      path: objectPath(ref),
      what: `Reading ${describeRef(ref)}`,
      signal,
      urgency,
    });
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

/** A namespace itself goes ahead of what is in namespaces: it is little, and everything waits for it. */
export function urgencyOf({ kind }: Pick<ObjectRef, 'kind'>): Urgency {
  return kind === 'Namespace' ? 'urgent' : 'bulk';
}

export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace === undefined ? {} : { namespace }) };
}
