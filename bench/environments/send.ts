import { Agent, request } from 'node:http';
import type { Signed } from './github.ts';

export interface Sent {
  readonly repository: string;
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** From the first byte sent to the last byte of the answer. */
  readonly ms: number;
}

const timeoutMs = 60_000;

/** Sends all of them at once, each over a connection of its own. Throws when one is not taken. */
export async function sendAll(url: string, deliveries: readonly Signed[]): Promise<readonly Sent[]> {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  try {
    return await Promise.all(deliveries.map((delivery) => send(agent, url, delivery)));
  } finally {
    agent.destroy();
  }
}

async function send(agent: Agent, url: string, { headers, body, repository, number }: Signed): Promise<Sent> {
  const { host: _ofTheNet, connection: _hopByHop, ...rest } = headers;
  return new Promise((resolve, reject) => {
    const at = Date.now();
    const startedAt = performance.now();
    const outgoing = request(url, { method: 'POST', agent, headers: rest, timeout: timeoutMs }, (answer) => {
      answer.resume();
      answer.once('end', () => {
        if (answer.statusCode === 202) resolve({ repository, number, at, ms: performance.now() - startedAt });
        else reject(new Error(`a webhook was answered with ${answer.statusCode}`));
      });
    });
    outgoing.once('error', reject);
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer to a webhook within ${timeoutMs} ms`)));
    outgoing.end(body);
  });
}
