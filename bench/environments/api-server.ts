import { Agent, request } from 'node:https';
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import { json } from 'node:stream/consumers';
import type { ClusterAccess } from '@ephemera/kube';

/** The API server with nothing in between: what a client costs that reads nothing first, retries nothing and remembers nothing. */
export interface ApiServer extends Disposable {
  call<Answer>(method: 'GET' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Answer>;
}

const timeoutMs = 60_000;

/** `connections`: how many at most, kept alive. */
export async function openApiServer(access: ClusterAccess, connections: number): Promise<ApiServer> {
  const { certificate, key, authorization } = await access.identity();
  const secure = access.server.startsWith('https:');
  const options = { keepAlive: true, maxSockets: connections };
  const agent = secure
    ? new Agent({
        ...options,
        ca: access.certificateAuthority,
        cert: certificate,
        key,
        servername: access.tlsServerName,
        rejectUnauthorized: !access.skipTlsVerify,
      })
    : new PlainAgent(options);
  return {
    call: (method, path, body) =>
      new Promise((resolve, reject) => {
        const text = body === undefined ? undefined : JSON.stringify(body);
        const outgoing = (secure ? request : plainRequest)(
          new URL(access.server + path),
          {
            method,
            agent,
            timeout: timeoutMs,
            headers: {
              accept: 'application/json',
              ...(authorization === undefined ? {} : { authorization }),
              ...(text === undefined
                ? {}
                : {
                    'content-type': method === 'PATCH' ? 'application/apply-patch+yaml' : 'application/json',
                    'content-length': Buffer.byteLength(text),
                  }),
            },
          },
          (answer) => {
            json(answer).then((value) => {
              const status = answer.statusCode ?? 0;
              if (status < 300) resolve(value as never);
              else reject(new Error(`${method} ${path}: ${status} ${JSON.stringify(value).slice(0, 300)}`));
            }, reject);
          },
        );
        outgoing.once('error', reject);
        outgoing.once('timeout', () =>
          outgoing.destroy(new Error(`${method} ${path}: no answer within ${timeoutMs} ms`)),
        );
        outgoing.end(text);
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}
