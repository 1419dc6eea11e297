import type { ApiServer } from '../api-server.ts';
import { waitFor } from '../wait.ts';

/** A pod, or another object that says by a condition whether it is ready. */
export interface Conditioned {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

interface Line {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Conditioned;
}

export interface Readiness {
  readonly api: ApiServer;
  /** The path of the collection that they are in. */
  readonly collection: string;
  /** For example `fieldSelector=metadata.name%3Dmine`. */
  readonly selector: string;
  /** What was created last before: the watch begins there, without a list that could have to wait for the server's cache. */
  readonly since: string;
  readonly signal: AbortSignal;
}

/** Each one's name as soon as it is ready. Throws where one fails or goes away. */
export async function* readyOnes(readiness: Readiness): AsyncGenerator<string, void, undefined> {
  const { api, collection, selector, since, signal } = readiness;
  const told = new Set<string>();
  const path = `${collection}?watch=true&${selector}&resourceVersion=${since}`;
  for await (const { type, object } of api.watch<Line>(path, signal)) {
    const name = object.metadata?.name;
    if (type === 'ERROR' || type === 'DELETED' || object.status?.phase === 'Failed') {
      throw new Error(`${collection} ${name}: ${type} ${JSON.stringify(object.status ?? object).slice(0, 300)}`);
    }
    if (told.has(name) || !isReady(object)) continue;
    told.add(name);
    yield name;
  }
  throw new Error(`${collection}: the watch ended with ${told.size} ready`);
}

export async function firstReady(readiness: Readiness): Promise<string> {
  for await (const name of readyOnes(readiness)) return name;
  throw new Error(`${readiness.collection}: none is ready`);
}

/** Pure. */
function isReady({ status }: Conditioned): boolean {
  return status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false;
}

/** Until no pod is left, so that the end of one is no part of what comes next. */
export async function untilNoPods(options: {
  readonly api: ApiServer;
  readonly namespace: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { api, namespace, signal } = options;
  await waitFor({
    what: 'the pods to be gone',
    timeoutMs: 180_000,
    everyMs: 50,
    signal,
    look: async () => (await api.call<{ items: readonly unknown[] }>('GET', podsOf(namespace))).items.length,
    until: (left) => left === 0,
  });
}

export function podsOf(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/pods`;
}
