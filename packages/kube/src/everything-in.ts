import { EphemeraError, type KubeObject } from '@ephemera/model';
import type { Connection } from './connection.ts';
import { discover, type NamespacedKind, type Unknown } from './discovery.ts';
import { Forbidden, Unreachable } from './errors.ts';
import { segment } from './kinds.ts';
import { call } from './request.ts';

export interface EverythingOptions {
  readonly namespace: string;
  /** Kinds that are not looked at. Default: none. */
  readonly skips?: (kind: NamespacedKind) => boolean;
  /** Which objects the answer is about. They have `metadata` and nothing else. */
  readonly counts: (object: KubeObject) => boolean;
  /** Of each kind so many that count are enough. Default 10. */
  readonly atMost?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Everything {
  /** Those that count; of every kind that the cluster knows, `metadata` only. */
  readonly objects: readonly KubeObject[];
  /** What may hold more, and could not be looked at. */
  readonly unknown: readonly Unknown[];
}

const pageSize = 100;
const atOnce = 8;
/** Shorter than other calls: an API that does not answer is one of many here. */
const timeoutMs = 10_000;
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/**
 * What is in a namespace, of whatever kind: also of those that others have installed. What cannot be listed is told as `unknown` and never
 * passes for empty; a cluster that does not answer throws.
 */
export async function everythingIn(connection: Connection, options: EverythingOptions): Promise<Everything> {
  const { kinds, unknown: silent } = await discover(connection, options.signal);
  const objects: KubeObject[] = [];
  const unknown: Unknown[] = [...silent];
  const waiting = kinds.filter((kind) => options.skips?.(kind) !== true).values();
  const lookAtSome = async (): Promise<void> => {
    for (const kind of waiting) {
      try {
        objects.push(...(await listSome(connection, kind, options)));
      } catch (error) {
        if (!(error instanceof EphemeraError) || !concernsOneKind.has(error.code)) throw error;
        unknown.push({ what: `${kind.plural} of ${kind.apiVersion}`, because: inWords(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lookAtSome));
  // Several are asked at once: in the order of their answers the same refusal would read differently each time.
  return { objects, unknown: unknown.toSorted((a, b) => (a.what < b.what ? -1 : 1)) };
}

/** The cluster's own sentence names kind and account once more. */
function inWords(error: EphemeraError): string {
  return error.code === Forbidden.code ? 'this account may not list it' : error.message;
}

/** What an API or an account can have trouble with while all others are fine. */
const concernsOneKind: ReadonlySet<string> = new Set([
  'kube.forbidden',
  'kube.invalid',
  'kube.not_found',
  'kube.unknown_kind',
  'kube.unavailable',
  'kube.deadline_exceeded',
  'kube.gone',
]);

interface Page {
  readonly items?: readonly { readonly metadata: KubeObject['metadata'] }[] | null;
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
}

async function listSome(
  connection: Connection,
  { apiVersion, kind, plural }: NamespacedKind,
  { namespace, counts, atMost = 10, signal }: EverythingOptions,
): Promise<readonly KubeObject[]> {
  const found: KubeObject[] = [];
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  let next: string | undefined;
  do {
    const page: Page = await call(connection, {
      method: 'GET',
      path: `${root}/namespaces/${segment({ kind: 'Namespace' }, namespace)}/${plural}`,
      query: { limit: pageSize, continue: next },
      accept: metadataOnly,
      what: `Listing ${plural} of ${apiVersion}`,
      timeoutMs,
      signal,
    });
    if (page.metadata === undefined || !Array.isArray(page.items ?? []))
      throw new Unreachable({ server: connection.server, problem: `its answer is no list of ${plural}` });
    found.push(...(page.items ?? []).map(({ metadata }) => ({ apiVersion, kind, metadata })).filter(counts));
    next = page.metadata.continue;
  } while (next !== undefined && next !== '' && found.length < atMost);
  return found;
}
