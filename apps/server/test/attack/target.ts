import { createHmac, randomUUID } from 'node:crypto';
import { startFakeGitHub } from '@ephemera/fake-github';
import { cloneDatabase, type TestDatabase } from '../database.ts';
import { startServerProcess } from '../server-process.ts';
import { clusterSettings } from '../world.ts';

/** A real server in a process of its own, warm from honest work, and whoever is honest towards it. */
export interface Target extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly database: TestDatabase;
  readonly secrets: readonly [current: string, previous: string];
  sign(body: string | Uint8Array, secret?: string): string;
  /** Sends a delivery; returns its status. */
  deliver(body: string, headers?: Readonly<Record<string, string>>): Promise<number>;
}

export async function startTarget(): Promise<Target> {
  await using stack = new AsyncDisposableStack();
  const github = stack.use(await startFakeGitHub({ port: 0 }));
  const database = stack.use(await cloneDatabase());
  const secrets = [github.settings.GITHUB_WEBHOOK_SECRET, 'the secret before'] as const;
  const server = stack.use(
    await startServerProcess({
      ...github.settings,
      ...clusterSettings(),
      DATABASE_URL: database.url,
      GITHUB_WEBHOOK_SECRET_PREVIOUS: secrets[1],
    }),
  );
  const sign = (body: string | Uint8Array, secret: string = secrets[0]) =>
    `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const deliver = async (body: string, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(`${server.url}/webhooks/github`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'pull_request',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': sign(body),
        ...headers,
      },
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  // What the first requests of a process load and compile is no growth.
  await inWaves(400, 20, () => deliver(payload(1, 20_000)));
  await deliver(payload(1, 4 * 1024 * 1024));
  const owned = stack.move();
  return {
    url: server.url,
    pid: server.pid,
    database,
    secrets,
    sign,
    deliver,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A delivery about a pull request of a repository that GitHub does not have, about so many bytes long. */
export function payload(number: number, bytes = 0): string {
  return JSON.stringify({
    action: 'opened',
    number,
    pull_request: { head: { repo: { id: 42 } } },
    repository: { id: 42, full_name: 'acme/attacked' },
    installation: { id: 5 },
    padding: 'x'.repeat(bytes),
  });
}

export async function inWaves<Result>(count: number, atOnce: number, work: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let done = 0; done < count; done += atOnce) {
    results.push(...(await Promise.all(Array.from({ length: Math.min(atOnce, count - done) }, work))));
  }
  return results;
}
