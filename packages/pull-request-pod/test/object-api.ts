import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { connectCluster, type Cluster } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';

export interface Call {
  readonly method: string;
  readonly path: string;
}

/** How a call is refused. Undefined: it is carried out. */
export type Refusal = { readonly code: number; readonly reason: string } | undefined;

type Stored = KubeObject & { readonly type?: string };

/**
 * An API server that keeps objects with UIDs and versions, for what a real one cannot be made to do: to refuse one call, or to do
 * something between two calls of ours. Real clusters show the rest.
 */
export interface ObjectApi extends AsyncDisposable {
  readonly cluster: Cluster;
  /** By path, for example `/api/v1/namespaces/n/secrets/a`. */
  readonly objects: Map<string, Stored>;
  readonly calls: Call[];
  /** How many times calls were under way together: so many round trips one after the other. */
  steps(): number;
  /** Asked before each call is carried out. */
  readonly before: { each: (call: Call) => Promise<Refusal> | Refusal };
  /** `Kind/name` of what there is but namespaces and the guard, sorted. */
  names(): readonly string[];
}

/** Calls that come within this time of each other did not wait for each other's answers. */
const togetherMs = 40;

export async function startObjectApi(namespaceLabels: Readonly<Record<string, string>> = {}): Promise<ObjectApi> {
  const objects = new Map<string, Stored>();
  const calls: Call[] = [];
  const before: ObjectApi['before'] = { each: () => undefined };
  let version = 0;
  let steps = 0;
  const keep = (path: string, object: Stored, uid: string = randomUUID()): Stored => {
    const metadata = { ...object.metadata, uid, resourceVersion: String((version += 1)) };
    const kept = { ...object, metadata };
    objects.set(path, kept);
    return kept;
  };
  keep('/api/v1/namespaces/n', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'n', labels: namespaceLabels },
  });

  const carryOut = ({ method, path }: Call, query: URLSearchParams, body: string): Answer => {
    const stored = objects.get(path);
    const sent = body === '' ? undefined : (JSON.parse(body) as Stored & { readonly preconditions?: Versioned });
    const wanted: Versioned = sent?.preconditions ?? sent?.metadata ?? {};
    if (method === 'POST' && sent) {
      const at = `${path}/${sent.metadata.name}`;
      return objects.has(at) ? refused(409, 'AlreadyExists') : { code: 201, answer: keep(at, sent) };
    }
    if (method === 'GET' && isCollection(path)) return { code: 200, answer: listed(objects, path, query) };
    if (!stored && (method !== 'PATCH' || !query.has('force'))) return refused(404, 'NotFound');
    const isOther = (field: keyof Versioned) =>
      stored && wanted[field] !== undefined && stored.metadata[field] !== wanted[field];
    if (method !== 'GET' && (isOther('uid') || isOther('resourceVersion'))) return refused(409, 'Conflict');
    if (method === 'PATCH' && sent)
      return { code: 200, answer: keep(path, merged(stored, sent), stored?.metadata.uid) };
    if (method === 'DELETE') objects.delete(path);
    return { code: 200, answer: stored ?? {} };
  };

  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const together = (answer: () => void): void => {
    waiting.push(answer);
    clearTimeout(timer);
    timer = setTimeout(() => {
      steps += 1;
      const now = waiting;
      waiting = [];
      for (const one of now) one();
    }, togetherMs);
  };
  const http = createServer((request, response) => {
    void (async () => {
      const { method = 'GET', url = '/' } = request;
      const [path = '/', query = ''] = url.split('?');
      const call = { method, path };
      calls.push(call);
      const body = await text(request);
      const refusal = await before.each(call);
      const { code, answer } = refusal
        ? refused(refusal.code, refusal.reason)
        : carryOut(call, new URLSearchParams(query), body);
      together(() => send(response, code, answer));
    })();
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const cluster = await connectCluster({
    name: 'objects',
    source: 'a test',
    server,
    skipTlsVerify: false,
    identity: async () => ({}),
  });
  return {
    cluster,
    objects,
    calls,
    steps: () => steps,
    before,
    names: () =>
      [...objects.values()]
        .filter(({ kind }) => kind !== 'Namespace' && !kind.startsWith('Validating'))
        .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
        .toSorted(),
    [Symbol.asyncDispose]: async () => {
      await cluster[Symbol.asyncDispose]();
      clearTimeout(timer);
      http.closeAllConnections();
      http.close();
    },
  };
}

interface Answer {
  readonly code: number;
  readonly answer: object;
}

interface Versioned {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

function send(response: ServerResponse, code: number, answer: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

/** `/api/v1/namespaces/n` is none. */
function isCollection(path: string): boolean {
  const [, rest = ''] = /^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\/(.*)$/.exec(path) ?? [];
  return rest.split('/').length % 2 === 1;
}

function listed(objects: ReadonlyMap<string, Stored>, path: string, query: URLSearchParams): object {
  const labels = (query.get('labelSelector') ?? '').split(',').filter((part) => part !== '');
  const type = /^type=(.+)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  const items = [...objects]
    .filter(([at]) => at.startsWith(`${path}/`))
    .map(([, object]) => object)
    .filter((object) => labels.every((label) => hasLabel(object.metadata.labels ?? {}, label)))
    .filter((object) => type === undefined || object.type === type);
  return { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items };
}

function hasLabel(labels: Readonly<Record<string, string>>, selector: string): boolean {
  if (selector.startsWith('!')) return labels[selector.slice(1)] === undefined;
  const [key = '', value] = selector.split('=');
  return value === undefined ? labels[key] !== undefined : labels[key] === value;
}

/** As a JSON merge patch; an apply comes to the same here. */
function merged<Value>(stored: unknown, sent: Value): Value {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return sent;
  const old = typeof stored === 'object' && stored !== null ? (stored as Readonly<Record<string, unknown>>) : {};
  const changed = Object.entries(sent).map(([key, value]) => [key, merged(old[key], value)] as const);
  const all = Object.entries({ ...old, ...Object.fromEntries(changed) });
  return Object.fromEntries(all.filter(([, value]) => value !== null)) as Value;
}

function refused(code: number, reason: string): Answer {
  const answer = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message: 'not today' };
  return { code, answer: { ...answer, details: { name: 'it' } } };
}
