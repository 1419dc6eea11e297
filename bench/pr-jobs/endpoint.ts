import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { openLoop, type Arrival } from './open-loop.ts';

export interface EndpointOptions {
  readonly url: string;
  readonly token: string;
  readonly namespace: string;
  /** Begins the names of the jobs. */
  readonly prefix: string;
  readonly count: number;
  readonly perSecond: number;
  readonly signal: AbortSignal;
}

const timeoutMs = 60_000;

/** Creates so many jobs by the endpoint, each under a name of its own, over connections that are kept. */
export async function measureEndpoint(options: EndpointOptions): Promise<readonly Arrival[]> {
  const { url, token, namespace, prefix, count, perSecond, signal } = options;
  const agent = new Agent({ keepAlive: true });
  const create = async (index: number): Promise<void> => {
    const body = JSON.stringify({ name: `${prefix}-${index}`, namespace });
    const answer = await post(agent, `${url}/api/kubernetes/pr-jobs`, { token, body });
    const said = await text(answer);
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${said.slice(0, 300)}`);
    const { job } = JSON.parse(said) as { readonly job?: { readonly created?: boolean } };
    if (job?.created !== true) throw new Error(`no job was made: ${said.slice(0, 300)}`);
  };
  try {
    return await openLoop({ count, perSecond, signal, send: create });
  } finally {
    agent.destroy();
  }
}

interface Posted {
  readonly token: string;
  readonly body: string;
}

function post(agent: Agent, url: string, { token, body }: Posted): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const outgoing = request(url, { method: 'POST', agent, headers, timeout: timeoutMs }, resolve);
    outgoing.once('error', reject);
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    outgoing.end(body);
  });
}
