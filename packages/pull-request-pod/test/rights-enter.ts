import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ClusterAccess } from '@ephemera/kube';

export interface Entered {
  /** 101: the command ran. */
  readonly status: number;
  /** What it printed, or why not. */
  readonly said: string;
}

export interface Entry {
  readonly token: string;
  readonly namespace: string;
  readonly pod: string;
  readonly command: readonly string[];
}

/**
 * Runs a command in a pod, as a client does that knows nothing but the token and the pod's name: kubectl first reads the pod, which a
 * job's account may not.
 */
export async function enter(access: ClusterAccess, { token, namespace, pod, command }: Entry): Promise<Entered> {
  const url = new URL(`/api/v1/namespaces/${namespace}/pods/${pod}/exec?stdout=true`, access.server);
  for (const word of command) url.searchParams.append('command', word);
  const asking = request(url, {
    ca: access.certificateAuthority,
    servername: access.tlsServerName,
    headers: {
      authorization: `Bearer ${token}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': randomBytes(16).toString('base64'),
      'sec-websocket-version': '13',
      'sec-websocket-protocol': 'v5.channel.k8s.io',
    },
    signal: AbortSignal.timeout(20_000),
  }).end();
  // The frames of the server are not masked: what the command prints stands in them as it is.
  const [{ statusCode: status }, body] = await Promise.race([
    once(asking, 'response').then(([response]) => [response, response]),
    once(asking, 'upgrade'),
  ]);
  return { status, said: await text(body) };
}
