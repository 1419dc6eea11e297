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

  function carryOut(method: string, path: string, body: string): { code: number; answer: object } {
    const stored = objects.get(path);
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

  const http = createServer((request, response) => {
    void (async () => {
      const { method = 'GET', url = '/' } = request;
      const [path = '/'] = url.split('?');
      const body = await text(request);
      const refusal = await before.each(method, path);
      const { code, answer } = refusal ? refused(refusal, path) : carryOut(method, path, body);
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

function refused({ code, reason }: { code: number; reason: string }, path: string): { code: number; answer: object } {
  // A NotFound names what it is about, as the API server's do.
  const details = { name: path.split('/').at(-1) };
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message: 'not today', details };
  return { code, answer: status };
}
