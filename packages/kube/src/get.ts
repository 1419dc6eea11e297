import { describeRef, type KubeObject, type ObjectRef } from '@ephemera/model';
import type { Connection } from './connection.ts';
import { NotFound } from './errors.ts';
import { objectPath } from './kinds.ts';
import { call } from './request.ts';

/**
 * Reads one object by a quorum read. Undefined means that the API server said "not found"; every other trouble throws,
 * so an error never looks like absence.
 */
export async function get<Kind extends KubeObject>(
  connection: Connection,
  ref: ObjectRef,
  signal?: AbortSignal,
): Promise<Kind | undefined> {
  try {
    return await call<Kind>(connection, {
      method: 'GET',
      path: objectPath(ref),
      what: `Reading ${describeRef(ref)}`,
      signal,
    });
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace === undefined ? {} : { namespace }) };
}
