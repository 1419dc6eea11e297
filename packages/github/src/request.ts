import { request as octokitRequest } from '@octokit/request';
import { EphemeraError, messageOf } from '@ephemera/model';
import * as errors from './errors.ts';
import { permissionFor } from './permission.ts';

export type Request = typeof octokitRequest;

const usualTimeoutMs = 15_000;
/** The least that GitHub asks for where it names no time. */
const unsaidMs = 60_000;

/** Octokit's request function against one API, with a deadline on every call. */
export function requestTo(apiUrl: string, timeoutMs = usualTimeoutMs): Request {
  return octokitRequest.defaults({
    // Octokit puts a path that begins with a slash behind it.
    baseUrl: apiUrl.replace(/\/+$/, ''),
    headers: { 'user-agent': 'ephemera', 'x-github-api-version': '2022-11-28' },
    request: {
      fetch: (input: string | URL, init: RequestInit = {}) => {
        const deadline = AbortSignal.timeout(timeoutMs);
        return fetch(input, { ...init, signal: init.signal ? AbortSignal.any([init.signal, deadline]) : deadline });
      },
    },
  });
}

type Headers = Readonly<Record<string, string | number | undefined>>;

/** The shape of what Octokit throws for an answer that is no success; other throws have no `response`. */
interface ThrownAnswer {
  readonly status: number;
  readonly message: string;
  readonly response?: { readonly headers?: Headers };
  readonly request?: { readonly method: string; readonly url: string };
}

/** Whatever Octokit threw → one typed error. `what` completes the sentence "while …". Typed errors stay what they are. */
export function githubError(what: string, thrown: unknown, now: Date): EphemeraError {
  if (thrown instanceof EphemeraError) return thrown;
  if (!isAnswer(thrown)) return new errors.GitHubUnreachable({ what, problem: messageOf(thrown) }, { cause: thrown });
  const { status, message: reason } = thrown;
  const cause = { cause: thrown };
  const limitedMs = rateLimitMs(thrown, now);
  if (limitedMs !== undefined) return new errors.GitHubRateLimited({ what, retryAfterMs: limitedMs }, cause);
  if (status === 401) return new errors.GitHubUnauthorized({ what, reason }, cause);
  if (status === 403) return refusal(what, thrown);
  if (status === 404 || status === 410) return new errors.GitHubNotFound({ what }, cause);
  if (status >= 500) return new errors.GitHubUnavailable({ what, status }, cause);
  return new errors.GitHubInvalid({ what, reason }, cause);
}

/** GitHub tells the reasons for its 403 apart by words alone. */
function refusal(what: string, thrown: ThrownAnswer): EphemeraError {
  const { message: reason, request = { method: '', url: '' } } = thrown;
  const cause = { cause: thrown };
  if (/resource not accessible by integration/i.test(reason)) {
    const permission = permissionFor(request, headersOf(thrown)['x-accepted-github-permissions']);
    return new errors.GitHubPermissionMissing({ what, permission }, cause);
  }
  if (/installation has been suspended/i.test(reason)) return new errors.GitHubSuspended({ what }, cause);
  return new errors.GitHubForbidden({ what, reason }, cause);
}

/** GitHub says 429, or 403 with a waiting time or an empty budget. */
function rateLimitMs(answer: ThrownAnswer, now: Date): number | undefined {
  if (answer.status !== 403 && answer.status !== 429) return undefined;
  const headers = headersOf(answer);
  const retryAfter = headers['retry-after'];
  const exhausted = String(headers['x-ratelimit-remaining']) === '0';
  if (retryAfter !== undefined) return finite(Number(retryAfter) * 1000);
  if (exhausted) return finite(Number(headers['x-ratelimit-reset']) * 1000 - clockOf(headers, now));
  return answer.status === 429 || /secondary rate limit/i.test(answer.message) ? unsaidMs : undefined;
}

/** The end of a budget is a time of GitHub's clock, so what remains is counted on that one, where the answer shows it. */
function clockOf(headers: Headers, now: Date): number {
  const theirs = Date.parse(String(headers['date']));
  return Number.isNaN(theirs) ? now.getTime() : theirs;
}

/** GitHub's budgets are for an hour; a clock that is wrong must not keep us away for a year. */
const longestMs = 2 * 3_600_000;
/** "Now" is what a budget says whose end has just passed. */
const soonestMs = 1_000;

/** A proxy on the way may say anything; a time that is no number would reach the database. */
function finite(ms: number): number {
  return Number.isFinite(ms) ? Math.min(longestMs, Math.max(soonestMs, ms)) : unsaidMs;
}

function headersOf({ response }: ThrownAnswer): Headers {
  return response?.headers ?? {};
}

export function isNotFound(thrown: unknown): boolean {
  return isAnswer(thrown) && (thrown.status === 404 || thrown.status === 410);
}

/** Octokit marks its own failures to connect with status 500 and no response; those are not answers. */
export function isAnswer(thrown: unknown): thrown is ThrownAnswer & Error {
  return (
    thrown instanceof Error &&
    'status' in thrown &&
    typeof thrown.status === 'number' &&
    'response' in thrown &&
    thrown.response !== undefined
  );
}
