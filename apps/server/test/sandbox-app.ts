import type { AddressInfo } from 'node:net';
import { fakeHost, type FakeHost, type FakeHostOptions } from '@ephemera/sandbox/testing';
import type { SandboxHost } from '@ephemera/sandbox';
import type { AppDeps } from '../src/app.ts';
import type { SandboxAnswer } from '../src/sandboxes/answers.ts';
import { sandboxPolicyOf } from '../src/sandboxes/policy.ts';
import { readSettings } from '../src/settings.ts';
import type { TokenOrder } from '../src/tokens/order.ts';
import { createToken } from '../src/tokens/tokens.ts';
import { startApp, type TestApp } from './app.ts';
import { readEvents, type ReadEvents } from './sent-events.ts';

export interface Answered<Body = Readonly<Record<string, unknown>>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** One token, which asks with it. */
export interface SandboxCaller {
  readonly name: string;
  readonly token: string;
  ask(method: string, path?: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  /** The answer as it comes; `path` begins below `/api/v1/sandboxes`. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Makes one, which has to succeed. */
  create(body?: object): Promise<SandboxAnswer>;
  /** Runs a command and reads its events. */
  run(id: string, body: object): Promise<ReadEvents>;
}

/** The routes of sandboxes, listening, on a host in memory. */
export interface SandboxApp extends AsyncDisposable {
  readonly server: TestApp;
  readonly url: string;
  readonly host: FakeHost;
  /** Default: one that may do everything with sandboxes. */
  as(order?: Partial<TokenOrder>): Promise<SandboxCaller>;
}

export interface SandboxAppOptions extends FakeHostOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** What the server gets instead of the host itself. */
  readonly around?: (host: FakeHost) => SandboxHost;
  readonly change?: Partial<AppDeps>;
  readonly tokenLookMs?: number;
}

export async function startSandboxApp(options: SandboxAppOptions = {}): Promise<SandboxApp> {
  const { settings = {}, around = (host) => host, change, tokenLookMs, ...contents } = options;
  await using stack = new AsyncDisposableStack();
  const host = fakeHost(contents);
  const policy = sandboxPolicyOf(readSettings({ SANDBOXES_NAMESPACE: 'boxes', SANDBOXES_IMAGES: '*', ...settings }));
  const hostOf = () => around(host);
  const server = stack.use(await startApp({ sandboxes: { hostOf, policy, tokenLookMs }, ...change }));
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
  let made = 0;
  const owned = stack.move();
  return {
    server,
    url,
    host,
    as: async (order = {}) => {
      const name = `ci-${(made += 1)}`;
      const scopes = ['sandboxes:read', 'sandboxes:write'];
      const { text } = await createToken(server.database.db, { name, scopes, ...order });
      return sandboxCaller(url, { name, token: text });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export function sandboxCaller(
  url: string,
  { name, token }: { readonly name: string; readonly token: string },
): SandboxCaller {
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}/api/v1/sandboxes${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string> | undefined) },
    });
  const ask: SandboxCaller['ask'] = async (method, path = '', body, headers = {}) => {
    const json = body && { 'content-type': 'application/json' };
    const response = await call(path, {
      method,
      ...(body && { body: JSON.stringify(body) }),
      headers: { ...json, ...headers },
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? {} : JSON.parse(text)) as Answered['body'],
    };
  };
  return {
    name,
    token,
    fetch: call,
    ask,
    create: async (body = {}) => {
      const answer = await ask('POST', '', body);
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return answer.body as unknown as SandboxAnswer;
    },
    run: async (id, body) => {
      const response = await call(`/${id}/commands`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
      if (!response.ok) throw new Error(await response.text());
      return readEvents(response);
    },
  };
}
