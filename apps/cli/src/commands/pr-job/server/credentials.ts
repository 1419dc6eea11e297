import { setTimeout as after } from 'node:timers/promises';
import { messageOf } from '@ephemera/model';
import type { Context } from '../../../context.ts';
import { defaultServerUrl, parse, serverUrl } from '../../../server-api.ts';
import { ActionsTokenRefused } from '../errors.ts';

/** Which server is asked, and as whom. */
export interface Credentials {
  readonly url: string;
  /** Where the token comes from, for people. */
  readonly inWords: string;
  /** For one request. Undefined: there is none, and the server says what it thinks of that. */
  readonly token: (signal: AbortSignal) => Promise<string | undefined>;
  /** What to do where the token is refused and the server does not say. */
  readonly hint: string;
}

const scopes = 'pr-jobs:create,pr-jobs:status,pr-jobs:logs,pr-jobs:cleanup';

/**
 * EPHEMERA_TOKEN, else, in a workflow that may ask for one, a token of GitHub Actions for the audience EPHEMERA_OIDC_AUDIENCE (default:
 * EPHEMERA_URL without slashes at its end). Those are good for one request, so each request fetches its own.
 */
export function credentialsOf(environment: Context['environment']): Credentials {
  const named = environment['EPHEMERA_URL'] || undefined;
  const url = serverUrl(named ?? defaultServerUrl);
  const token = environment['EPHEMERA_TOKEN'] || undefined;
  const inActions = environment['GITHUB_ACTIONS'] === 'true';
  const hint = inActions
    ? 'Give the job of the workflow `permissions: id-token: write`, or set EPHEMERA_TOKEN. The server needs OIDC_AUDIENCE.'
    : `Where the server runs: export EPHEMERA_TOKEN=$(npx ephemera token create --name me --scopes ${scopes})`;
  if (token !== undefined) return { url, inWords: 'with EPHEMERA_TOKEN', token: async () => token, hint };
  const requestUrl = environment['ACTIONS_ID_TOKEN_REQUEST_URL'];
  const requestToken = environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'];
  if (named === undefined || !requestUrl || !requestToken)
    return { url, inWords: 'without a token', token: async () => undefined, hint };
  const audience = environment['EPHEMERA_OIDC_AUDIENCE'] || url;
  return {
    url,
    inWords: `with tokens of GitHub Actions for the audience ${audience}`,
    token: (signal) => actionsToken({ requestUrl, requestToken, audience }, signal),
    hint,
  };
}

interface TokenRequest {
  readonly requestUrl: string;
  readonly requestToken: string;
  readonly audience: string;
}

const attempts = 3;
const pauseMs = 500;
const timeoutMs = 10_000;

async function actionsToken(request: TokenRequest, signal: AbortSignal): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const { token, problem, again } = await askForToken(request, signal);
    if (token !== undefined) return token;
    if (!again || attempt === attempts) throw new ActionsTokenRefused({ problem });
    await after(attempt * pauseMs, undefined, { signal });
  }
}

type Asked =
  | { readonly token: string; readonly problem?: never; readonly again?: never }
  | { readonly token?: never; readonly problem: string; readonly again: boolean };

/** What GitHub's service answers may hold the token: none of it becomes part of an error. */
async function askForToken({ requestUrl, requestToken, audience }: TokenRequest, signal: AbortSignal): Promise<Asked> {
  try {
    const url = new URL(requestUrl);
    url.searchParams.set('audience', audience);
    const response = await fetch(url, {
      headers: { authorization: `bearer ${requestToken}`, accept: 'application/json' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const answer = parse(await response.text()) as { readonly value?: unknown } | null | undefined;
    if (response.ok && typeof answer?.value === 'string' && answer.value !== '') return { token: answer.value };
    return {
      problem: response.ok ? 'its answer holds none' : `its service answers ${response.status}`,
      again: response.status >= 500 || response.status === 429,
    };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TypeError && /URL|header/i.test(error.message))
      return { problem: 'ACTIONS_ID_TOKEN_REQUEST_URL or ACTIONS_ID_TOKEN_REQUEST_TOKEN cannot be used', again: false };
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { problem: `its service cannot be reached (${messageOf(cause)})`, again: true };
  }
}
