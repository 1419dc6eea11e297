import { setTimeout as wait } from 'node:timers/promises';
import { EphemeraError, type KubeObject } from '@ephemera/model';
import { retryDelayMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { Gone, Unreachable } from './errors.ts';
import { collectionPath, type KindRef } from './kinds.ts';
import { list, type ListOptions } from './list.ts';
import { failure, send } from './request.ts';

/** A watch that stays silent for longer than this is taken for dead; bookmarks come about once a minute. */
const silenceMs = 150_000;
/** The whole list is read again this often, whatever the watch said: a lost event is found after this time at the latest. */
const relistMs = 300_000;
/** One line of a watch is one object, and etcd refuses objects above 1.5 MB. */
const maxLineBytes = 8 * 1024 * 1024;

export type Change<Kind> =
  | { readonly type: 'listed'; readonly objects: readonly Kind[] }
  | { readonly type: 'changed'; readonly object: Kind }
  | { readonly type: 'deleted'; readonly object: Kind };

export interface WatchOptions<Kind> extends Omit<ListOptions, 'signal'> {
  /** Ends the watch. There is no other way for it to end: every failure is reported and followed by a new attempt. */
  readonly signal: AbortSignal;
  readonly onChange: (change: Change<Kind>) => void;
  readonly onError: (error: unknown) => void;
}

interface WatchLine<Kind> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Kind & { readonly code?: number; readonly message?: string };
}

/**
 * Follows a kind until `signal` aborts: list, watch from there, and list again on 410, on silence, on a timer and after any failure
 * (with backoff). client-node's informer stops for good on ordinary errors, hence a loop of our own.
 */
export async function watch<Kind extends KubeObject>(
  connection: Connection,
  kind: KindRef,
  options: WatchOptions<Kind>,
): Promise<void> {
  const { signal, onChange, onError, ...selection } = options;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const listing = await list<Kind>(connection, kind, { ...selection, signal });
      onChange({ type: 'listed', objects: listing.items });
      failures = 0;
      await follow({ connection, kind, options }, listing.resourceVersion);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Gone)) onError(error);
      failures += 1;
      const retryAfterMs = error instanceof EphemeraError ? error.details['retryAfterMs'] : undefined;
      const delayMs = retryDelayMs(
        failures,
        typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
        Math.random(),
      );
      await wait(delayMs, undefined, { signal }).catch(() => {});
    }
  }
}

interface Target<Kind> {
  readonly connection: Connection;
  readonly kind: KindRef;
  readonly options: WatchOptions<Kind>;
}

/** Watches from `resourceVersion` until it is time to list again; throws when the watch breaks. */
async function follow<Kind extends KubeObject>(target: Target<Kind>, resourceVersion: string): Promise<void> {
  const relistAt = performance.now() + relistMs;
  let version = resourceVersion;
  while (!target.options.signal.aborted && performance.now() < relistAt) {
    // The API server ends a watch at its own time limit; that is no failure and goes on from the last version seen.
    version = await watchOnce(target, version, relistAt - performance.now());
  }
}

async function watchOnce<Kind extends KubeObject>(
  target: Target<Kind>,
  from: string,
  timeoutMs: number,
): Promise<string> {
  const { connection, kind, options } = target;
  const silence = new AbortController();
  const timer = setTimeout(
    () =>
      silence.abort(new Unreachable({ server: connection.server, problem: `the watch on ${kind.kind} went silent` })),
    silenceMs,
  );
  let version = from;
  try {
    const request = {
      method: 'GET' as const,
      path: collectionPath(kind, options.namespace),
      query: {
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: from,
        labelSelector: options.labelSelector,
        timeoutSeconds: Math.max(1, Math.ceil(timeoutMs / 1000)),
      },
      what: `Watching ${kind.kind}`,
    };
    const response = await send(connection, request, AbortSignal.any([options.signal, silence.signal]));
    if (response.statusCode >= 300) throw failure(connection, request, response, await response.body.text()).error;
    for await (const text of lines(response.body)) {
      timer.refresh();
      const line = JSON.parse(text) as WatchLine<Kind>;
      if (line.type === 'ERROR') throw watchError(connection, kind, line.object);
      version = line.object.metadata.resourceVersion ?? version;
      if (line.type !== 'BOOKMARK')
        options.onChange({ type: line.type === 'DELETED' ? 'deleted' : 'changed', object: line.object });
    }
    return version;
  } catch (error) {
    throw silence.signal.aborted ? silence.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

function watchError(
  connection: Connection,
  kind: KindRef,
  status: { readonly code?: number; readonly message?: string },
): EphemeraError {
  const what = `the watch on ${kind.kind}`;
  if (status.code === 410) return new Gone({ what });
  return new Unreachable({
    server: connection.server,
    problem: `${what} was ended: ${status.message ?? 'no reason given'}`,
  });
}

/** Splits a stream of bytes into lines; a character that is cut between two chunks stays whole. */
export async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const complete = rest.split('\n');
    rest = complete.pop() ?? '';
    if (rest.length > maxLineBytes) throw new RangeError(`a line of more than ${maxLineBytes} bytes`);
    for (const line of complete) if (line !== '') yield line;
  }
  if (rest !== '') yield rest;
}
