import type { KubeObject } from '@ephemera/model';
import type { Connection } from './connection.ts';
import { Gone, Unreachable } from './errors.ts';
import { collectionPath, type KindRef } from './kinds.ts';
import { call } from './request.ts';

const pageSize = 500;
/** Not with the full form as a second choice: who asks for metadata only relies on getting no more. */
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

export interface ListOptions {
  readonly namespace?: string;
  /** For example `ephemera.dev/instance=abc`. */
  readonly labelSelector?: string;
  /** For example `involvedObject.uid=…`; which fields a kind has is up to the cluster. */
  readonly fieldSelector?: string;
  /** The objects come with `metadata` and nothing else, for who must not see the rest, or has no use for it. Default false. */
  readonly metadataOnly?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Listing<Kind> {
  /** All of them: a list that could not be read to its end throws instead of being short. */
  readonly items: readonly Kind[];
  /** Where a watch continues. */
  readonly resourceVersion: string;
}

interface Page<Kind> {
  readonly items?: readonly Kind[];
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

/** Lists a kind page by page. A continuation that expired between pages (410) starts over once, from a fresh snapshot. */
export async function list<Kind extends KubeObject>(
  connection: Connection,
  kind: KindRef,
  options: ListOptions = {},
): Promise<Listing<Kind>> {
  try {
    return await listPages<Kind>(connection, kind, options);
  } catch (error) {
    if (error instanceof Gone) return listPages<Kind>(connection, kind, options);
    throw error;
  }
}

async function listPages<Kind extends KubeObject>(
  connection: Connection,
  kind: KindRef,
  options: ListOptions,
): Promise<Listing<Kind>> {
  const items: Kind[] = [];
  let next: string | undefined;
  for (;;) {
    const page: Page<Kind> = await call(connection, {
      method: 'GET',
      path: collectionPath(kind, options.namespace),
      query: {
        limit: pageSize,
        continue: next,
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
      },
      ...(options.metadataOnly === true && { accept: metadataOnly }),
      what: `Listing ${kind.kind}`,
      signal: options.signal,
    });
    const { resourceVersion, continue: more = '' } = page.metadata ?? {};
    if (resourceVersion === undefined) {
      throw new Unreachable({ server: connection.server, problem: `its answer is no list of ${kind.kind}` });
    }
    // Items of a list carry neither field; readers of single objects rely on both.
    for (const item of page.items ?? []) items.push({ ...item, apiVersion: kind.apiVersion, kind: kind.kind });
    if (more === '') return { items, resourceVersion };
    next = more;
  }
}
