import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { waitFor } from '../wait.ts';
import { startChild, type Child } from './child.ts';

/** A delivery as GitHub signs it, kept to be sent later: the time that GitHub takes to make it is not ours. */
export interface Signed {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly repository: string;
  readonly number: number;
}

/** The fake GitHub in a process of its own, with its webhooks caught. */
export interface GitHub extends AsyncDisposable {
  /** What points a server at it. */
  readonly settings: Readonly<Record<string, string>>;
  /** Opens so many pull requests in as many repositories as are named, in turn, and returns what GitHub would send. */
  open(count: number, repositories: readonly string[]): Promise<readonly Signed[]>;
  close(pulls: readonly Signed[]): Promise<readonly Signed[]>;
  /** Calls that created or changed something, other than ours. */
  writes(): number;
}

const startTimeoutMs = 30_000;
const names = ['GITHUB_API_URL', 'GITHUB_APP_ID', 'GITHUB_APP_PRIVATE_KEY_PATH', 'GITHUB_WEBHOOK_SECRET'];

export async function startGitHub(signal: AbortSignal): Promise<GitHub> {
  await using stack = new AsyncDisposableStack();
  let caught: Signed[] = [];
  const net = createServer((request, response) => {
    void buffer(request).then((body) => {
      const payload = JSON.parse(String(body)) as { number?: number; repository?: { full_name: string } };
      const { number = 0, repository } = payload;
      caught.push({ headers: request.headers, body, number, repository: repository?.full_name ?? '' });
      response.writeHead(202).end('{}');
    });
  });
  await new Promise<void>((resolve) => net.listen(0, '127.0.0.1', resolve));
  stack.defer(() => {
    net.closeAllConnections();
    net.close();
  });
  const webhook = `http://127.0.0.1:${(net.address() as AddressInfo).port}`;
  const child: Child = stack.use(startChild({ args: ['fake-github', '--port', '0', '--webhook', webhook] }));
  const settings: Record<string, string> = {};
  for (const name of names) {
    settings[name] = (await child.line(new RegExp(`^${name}=(.*)$`), startTimeoutMs))[1] ?? '';
  }
  const url = settings['GITHUB_API_URL'] ?? '';

  async function post(path: string, body: object): Promise<void> {
    const answer = await fetch(`${url}/_control${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the fake GitHub refuses ${path}: ${text}`);
  }

  async function catching(count: number, act: () => Promise<void>): Promise<readonly Signed[]> {
    caught = [];
    await act();
    return waitFor({
      what: 'the webhooks of the fake GitHub',
      timeoutMs: 10_000 + count * 100,
      everyMs: 20,
      signal,
      look: async () => caught,
      until: ({ length }) => length >= count,
    });
  }

  const owned = stack.move();
  return {
    settings,
    open: async (count, repositories) => {
      for (const name of repositories) await post('/repositories', { owner: 'bench', name });
      return catching(count, async () => {
        for (let at = 0; at < count; at += 1) {
          const name = repositories[at % repositories.length];
          await post(`/repositories/bench/${name}/pulls`, { head: `feat/${at}`, author: `author-${at % 20}` });
        }
      });
    },
    close: (pulls) =>
      catching(pulls.length, async () => {
        for (const { repository, number } of pulls) await post(`/repositories/${repository}/pulls/${number}/close`, {});
      }),
    writes: () => child.lines.filter((line) => /^(POST|PATCH|PUT) \/(repos|repositories)\//.test(line)).length,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
