import { setTimeout as wait } from 'node:timers/promises';
import { EphemeraError, type KubeObject } from '@ephemera/model';
import { retryDelayMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { Gone, Unreachable } from './errors.ts';
import { collectionPath, type KindRef } from './kinds.ts';
import { list, type ListOptions } from './list.ts';
import { failure, send } from './request.ts';

/** A watch that stays silent for longer than this is taken for dead; bookmarks come about once a minute. */
const defaultSilenceMs = 150_000;
/** The whole list is read again this often, whatever the watch said: a lost event is found after this time at the latest. */
const defaultRelistMs = 300_000;
/** A watch that the server ends sooner than this, however politely, is worth a pause before the next one. */
const shortWatchMs = 1_000;
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
  /** Called with every complete list and every line, bookmarks included: what was told is true as of now. */
  readonly onAlive?: () => void;
  /** After how long a watch without a line is taken for dead. Default 150 s, for bookmarks come about once a minute. */
  readonly silenceMs?: number;
  /** How often everything is listed again. Default 5 minutes. */
  readonly relistMs?: number;
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
  const { signal, onChange, onError, onAlive = () => {}, namespace, labelSelector, fieldSelector } = options;
  const selection = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
  let failures = 0;
  // A list alone proves nothing: one that succeeds between watches that fail would otherwise be read without a pause for ever.
  const onLine = () => {
    failures = 0;
    onAlive();
  };
  // Apart, so that the list is not kept alive for as long as the watch goes on: ten thousand objects are 100 MB.
  const listAll = async (): Promise<string> => {
    const { items, resourceVersion } = await list<Kind>(connection, kind, { ...selection, signal });
    onAlive();
    onChange({ type: 'listed', objects: items });
    return resourceVersion;
  };
  while (!signal.aborted) {
    try {
      const resourceVersion = await listAll();
      await follow({ connection, kind, options, onLine }, resourceVersion);
      failures = 0;
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
  /** Called for every line that is no error. */
  readonly onLine: () => void;
}

/** Watches from `resourceVersion` until it is time to list again; throws when the watch breaks. */
async function follow<Kind extends KubeObject>(target: Target<Kind>, resourceVersion: string): Promise<void> {
  const { signal, relistMs = defaultRelistMs } = target.options;
  const relistAt = performance.now() + relistMs;
  let version = resourceVersion;
  let shortOnes = 0;
  while (!signal.aborted && performance.now() < relistAt) {
    const startedAt = performance.now();
    // The API server ends a watch at its own time limit; that is no failure and goes on from the last version seen.
    version = await watchOnce(target, version, relistAt - startedAt);
    shortOnes = performance.now() - startedAt < shortWatchMs ? shortOnes + 1 : 0;
    if (shortOnes > 0) {
      const pauseMs = Math.min(retryDelayMs(shortOnes, undefined, Math.random()), relistAt - performance.now());
      await wait(Math.max(0, pauseMs), undefined, { signal });
    }
  }
}

async function watchOnce<Kind extends KubeObject>(
  target: Target<Kind>,
  from: string,
  timeoutMs: number,
): Promise<string> {
  const { connection, kind, options, onLine } = target;
  const due = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs)));
  const silence = new AbortController();
  const timer = setTimeout(
    () =>
      silence.abort(new Unreachable({ server: connection.server, problem: `the watch on ${kind.kind} went silent` })),
    options.silenceMs ?? defaultSilenceMs,
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
        fieldSelector: options.fieldSelector,
        timeoutSeconds: Math.max(1, Math.ceil(timeoutMs / 1000)),
      },
      what: `Watching ${kind.kind}`,
    };
    const response = await send(connection, request, {
      signal: AbortSignal.any([options.signal, silence.signal, due]),
    });
    if (response.statusCode >= 300) throw failure(connection, request, response, await response.body.text()).error;
    for await (const text of lines(response.body)) {
      timer.refresh();
      const line = readLine<Kind>(connection, kind, text);
      if (line.type === 'ERROR') throw watchError(connection, kind, line.object);
      onLine();
      version = line.object.metadata.resourceVersion ?? version;
      if (line.type !== 'BOOKMARK')
        options.onChange({ type: line.type === 'DELETED' ? 'deleted' : 'changed', object: line.object });
    }
    return version;
  } catch (error) {
    if (silence.signal.aborted) throw silence.signal.reason;
    // The server was asked to end it by now; one that does not must not keep the list from being read again.
    if (due.aborted && error === due.reason) return version;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function readLine<Kind>(connection: Connection, kind: KindRef, text: string): WatchLine<Kind> {
  try {
    return JSON.parse(text) as WatchLine<Kind>;
  } catch (error) {
    const problem = `the watch on ${kind.kind} sent a line that is no JSON`;
    throw new Unreachable({ server: connection.server, problem }, { cause: error });
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
