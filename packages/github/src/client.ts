import { createAppAuth } from '@octokit/auth-app';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf } from '@ephemera/model';
import { GitHubRateLimited, PrivateKeyInvalid } from './errors.ts';
import type { Guard } from './guard.ts';
import { githubError, isAnswer, requestTo, type Request } from './request.ts';
import type { AppSettings, RepositoryRef } from './types.ts';

/** What one call is, for errors and its end. */
export interface Doing {
  /** Completes the sentence "while …". */
  readonly what: string;
  readonly signal: AbortSignal | undefined;
}

/** A request function that carries a token, and what each request of one call has in common. */
export interface Call {
  readonly what: string;
  readonly request: Request;
  readonly options: { readonly request: { readonly signal?: AbortSignal } };
}

export interface RepositoryCall extends Call {
  readonly parameters: Call['options'] & { readonly owner: string; readonly repo: string };
}

/** Speaks to GitHub as the App itself, or as one of its installations. Whatever goes wrong becomes a typed error. */
export interface Client {
  readonly appId: number;
  asApp<Result>(doing: Doing, run: (call: Call) => Promise<Result>): Promise<Result>;
  asInstallation<Result>(id: number, doing: Doing, run: (call: Call) => Promise<Result>): Promise<Result>;
  on<Result>(repository: RepositoryRef, doing: Doing, run: (call: RepositoryCall) => Promise<Result>): Promise<Result>;
  guardedBy(guard: Guard): Client;
}

export function createClient(settings: AppSettings, guard: Guard): Client {
  const request = requestTo(settings.apiUrl, settings.timeoutMs);
  // Installation tokens live for an hour; auth-app keeps them and asks again shortly before the end.
  const auth = createAppAuth({ appId: settings.appId, privateKey: readPrivateKey(settings.privateKeyPath), request });
  return clientOf({ request, auth, appId: Number(settings.appId) }, guard);
}

interface Connection {
  readonly request: Request;
  readonly auth: ReturnType<typeof createAppAuth>;
  readonly appId: number;
}

function clientOf(connection: Connection, guard: Guard): Client {
  const { request, auth, appId } = connection;

  async function typed<Result>({ what, signal }: Doing, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (thrown) {
      signal?.throwIfAborted();
      throw githubError(what, thrown, new Date());
    }
  }

  const asInstallation: Client['asInstallation'] = async (id, doing, run) => {
    // What the guard itself throws, such as a database that does not answer, is no failure of GitHub's.
    const refusals = new Set<unknown>();
    const asked = async (asking: Promise<void>) =>
      asking.catch((refusal: unknown) => {
        refusals.add(refusal);
        throw refusal;
      });
    const hook = async (send: Request, endpoint: ReturnType<Request['endpoint']['merge']>) => {
      await asked(guard.beforeCall(id, doing.what));
      const token = await tokenFor(id, doing.what);
      if (endpoint.method !== 'GET') await asked(guard.beforeWrite(id, doing.what));
      return withToken({ id, what: doing.what, token }, (authorization) =>
        send({ ...endpoint, headers: { ...endpoint.headers, authorization } } as Parameters<Request>[0] & object),
      );
    };
    try {
      return await typed(doing, () =>
        run({
          what: doing.what,
          request: request.defaults({ request: { hook } }),
          options: { request: signalled(doing) },
        }),
      );
    } catch (error) {
      const [refusal] = [...refusals];
      if (refusals.size > 0) throw refusal;
      if (error instanceof GitHubRateLimited) await guard.limited(id, error);
      throw error;
    }
  };

  /** Typed at once: a 404 for the installation must not be taken for one of what is asked for with its token. */
  async function tokenFor(installationId: number, what: string, refresh = {}): Promise<string> {
    try {
      return (await auth({ type: 'installation', installationId, ...refresh })).token;
    } catch (thrown) {
      throw githubError(what, thrown, new Date());
    }
  }

  /** A token that was revoked looks like any other until it is used: the one that is kept is given up, and a new one tried once. */
  async function withToken<Result>(
    { id, what, token }: { readonly id: number; readonly what: string; readonly token: string },
    send: (authorization: string) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await send(`token ${token}`);
    } catch (thrown) {
      if (!isAnswer(thrown) || thrown.status !== 401) throw thrown;
      const kept = await tokenFor(id, what);
      // Calls that run side by side fail together; one of them fetches the new token for all.
      const fresh = kept === token ? await tokenFor(id, what, { refresh: true }) : kept;
      return send(`token ${fresh}`);
    }
  }

  return {
    appId,
    asApp: (doing, run) =>
      typed(doing, () =>
        run({
          what: doing.what,
          request: request.defaults({ request: { hook: auth.hook.bind(auth) } }),
          options: { request: signalled(doing) },
        }),
      ),
    asInstallation,
    on: (repository, doing, run) => {
      const [owner = '', repo = ''] = repository.fullName.split('/');
      return asInstallation(repository.installationId, doing, (call) =>
        run({ ...call, parameters: { ...call.options, owner, repo } }),
      );
    },
    guardedBy: (other) => clientOf(connection, other),
  };
}

const signalled = ({ signal }: Doing) => (signal ? { signal } : {});

function readPrivateKey(path: string): string {
  try {
    const pem = readFileSync(path, 'utf8');
    createPrivateKey(pem);
    return pem;
  } catch (error) {
    throw new PrivateKeyInvalid({ path, problem: messageOf(error) }, { cause: error });
  }
}
