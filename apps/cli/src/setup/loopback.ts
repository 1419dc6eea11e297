import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '@ephemera/model';
import { messagePage, startPage } from './page.ts';

export interface LoopbackOptions<Result> {
  /** Random; only an answer that brings it back counts. */
  readonly state: string;
  /** Where the form goes, and what it carries, for the address that the person comes back to. */
  readonly form: (redirectUrl: string) => { readonly action: string; readonly manifest: object };
  /** What to do with the code that GitHub sends back; the person waits for it. */
  readonly exchange: (code: string) => Promise<Result>;
}

export interface Loopback<Result> extends AsyncDisposable {
  /** The page that the person opens. */
  readonly url: string;
  /** Settles when GitHub has sent somebody back with a code: from then on the App exists. */
  readonly codeCame: Promise<void>;
  /** The result of the exchange, or its error. */
  readonly result: Promise<Result>;
}

const donePath = '/done';

/** Two pages on this machine alone: one that leads to GitHub, one to which GitHub leads back. */
export async function serveLoopback<Result>(options: LoopbackOptions<Result>): Promise<Loopback<Result>> {
  const { promise: result, resolve, reject } = Promise.withResolvers<Result>();
  const { promise: codeCame, resolve: cameBack } = Promise.withResolvers<void>();
  result.catch(() => {});
  let origin = '';
  let used = false;

  const server = createServer((request, response) => {
    // A page elsewhere that has given its own name this address is no browser of ours.
    if (`http://${request.headers.host}` !== origin)
      return answer(response, 421, messagePage('Wrong address', `Open ${origin}`));
    if (request.method !== 'GET')
      return answer(response, 405, messagePage('Not here', 'This page is only for looking.'));
    const url = URL.parse(request.url ?? '/', origin);
    if (!url) return answer(response, 400, messagePage('Wrong address', `Open ${origin}`));
    if (url.pathname === '/') {
      const { action, manifest } = options.form(`${origin}${donePath}`);
      return answer(response, 200, startPage(action, manifest), new URL(action).origin);
    }
    if (url.pathname === donePath) return done(url, request, response);
    return answer(response, 404, messagePage('Nothing here', `Open ${origin}`));
  });

  function done(url: URL, _request: IncomingMessage, response: ServerResponse): void {
    const code = url.searchParams.get('code') ?? '';
    if (!same(url.searchParams.get('state') ?? '', options.state) || code === '') {
      return answer(response, 400, messagePage('This did not come from here', `Begin again: open ${origin}`));
    }
    if (used) return answer(response, 409, messagePage('Done already', 'Go back to the terminal.'));
    used = true;
    cameBack();
    options.exchange(code).then(
      (made) => {
        answer(response, 200, messagePage('The App is made', 'Go back to the terminal: it says what to do next.'));
        resolve(made);
      },
      (error: unknown) => {
        answer(response, 502, messagePage('That did not work', messageOf(error)));
        reject(error);
      },
    );
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: origin,
    codeCame,
    result,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      // The last page may still be on its way; idle connections would hold the end up.
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 1_000).unref();
      await closed;
    },
  };
}

function answer(response: ServerResponse, status: number, html: string, formTarget = ''): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
    'referrer-policy': 'no-referrer',
    // Redirects of a form count too, and GitHub's leads back here.
    'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; form-action 'self' ${formTarget}; frame-ancestors 'none'`,
  });
  response.end(html);
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
