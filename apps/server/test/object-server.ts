import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { connectCluster, instanceOwner, type Cluster } from '@ephemera/kube';

export interface StoredObject {
  readonly kind?: string;
  readonly metadata: { readonly [field: string]: unknown; readonly labels?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

type Created = StoredObject & { readonly kind: string; readonly metadata: { readonly name: string } };

/** How a request is refused, in the API server's words. Undefined: it is carried out. */
export type Refusal = { readonly code: number; readonly reason: string } | undefined;

/** An API server that keeps whole objects by path, and the real client on it as instance `a1`. */
export interface ObjectServer extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly objects: Map<string, StoredObject>;
  /** Asked before each request is carried out; may wait, and may change what is stored. */
  readonly before: { each: (method: string, path: string) => Promise<Refusal> | Refusal };
  /** What a kind has as its status when it is made. Default: namespaces are active, quotas are counted. */
  readonly statusOf: { [kind: string]: unknown };
}

export async function startObjectServer(): Promise<ObjectServer> {
  const objects = new Map<string, StoredObject>();
  const before: ObjectServer['before'] = { each: () => undefined };
  const statusOf: ObjectServer['statusOf'] = { Namespace: { phase: 'Active' }, ResourceQuota: { hard: {} } };

  function carryOut({ method, path, query, body }: Request): { code: number; answer: object } {
    const stored = objects.get(path);
    if (method === 'POST') return create(path, JSON.parse(body) as Created);
    if (method === 'GET' && isCollection(path)) return { code: 200, answer: listOf(path, query) };
    if (method === 'PATCH') {
      const applied = JSON.parse(body) as StoredObject & { kind: string };
      const object = {
        ...stored,
        ...applied,
        metadata: { uid: randomUUID(), ...stored?.metadata, ...applied.metadata },
        status: stored?.['status'] ?? statusOf[applied.kind],
      };
      objects.set(path, object);
      return { code: 200, answer: object };
    }
    if (!stored) return refused({ code: 404, reason: 'NotFound' }, path);
    if (method === 'DELETE') objects.delete(path);
    return { code: 200, answer: stored };
  }

  function create(path: string, body: Created): { code: number; answer: object } {
    const at = `${path}/${body.metadata.name}`;
    if (objects.has(at)) return refused({ code: 409, reason: 'AlreadyExists' }, at);
    const object = { ...body, metadata: { uid: randomUUID(), ...body.metadata }, status: statusOf[body.kind] };
    objects.set(at, object);
    return { code: 201, answer: object };
  }

  function listOf(path: string, query: URLSearchParams): object {
    const labels = (query.get('labelSelector') ?? '').split(',').filter((part) => part !== '');
    const items = [...objects]
      .filter(([at]) => at.startsWith(`${path}/`) && !at.slice(path.length + 1).includes('/'))
      .map(([, object]) => object)
      .filter(({ metadata }) => labels.every((label) => hasLabel(metadata.labels ?? {}, label)))
      // What is selected by a field, such as the type of a Secret, is not there.
      .filter(() => !query.has('fieldSelector'));
    return { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items };
  }

  const http = createServer((request, response) => {
    void (async () => {
      const { method = 'GET', url = '/' } = request;
      const [path = '/', query = ''] = url.split('?');
      const body = await text(request);
      const refusal = await before.each(method, path);
      const { code, answer } = refusal
        ? refused(refusal, path)
        : carryOut({ method, path, query: new URLSearchParams(query), body });
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    })();
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const access = { name: 'objects', source: 'a test', server, skipTlsVerify: false, identity: async () => ({}) };
  const cluster = await connectCluster(access, instanceOwner('a1'));
  return {
    cluster,
    objects,
    before,
    statusOf,
    [Symbol.asyncDispose]: async () => {
      await cluster[Symbol.asyncDispose]();
      http.closeAllConnections();
      http.close();
    },
  };
}

/** `/api/v1/pods` and `/apis/batch/v1/namespaces/ci/jobs` are, `/api/v1/namespaces/ci` is not. */
function isCollection(path: string): boolean {
  const [, rest = ''] = /^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\/(.*)$/.exec(path) ?? [];
  const parts = rest.split('/');
  return parts.length === 1 || (parts.length === 3 && parts[0] === 'namespaces');
}

function hasLabel(labels: Readonly<Record<string, string>>, selector: string): boolean {
  if (selector.startsWith('!')) return labels[selector.slice(1)] === undefined;
  const [key = '', value] = selector.split('=');
  return value === undefined ? labels[key] !== undefined : labels[key] === value;
}

function refused({ code, reason }: { code: number; reason: string }, path: string): { code: number; answer: object } {
  // A NotFound names what it is about, as the API server's do.
  const details = { name: path.split('/').at(-1) };
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message: 'not today', details };
  return { code, answer: status };
}
