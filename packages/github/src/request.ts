import { request as octokitRequest } from '@octokit/request';
import { messageOf, type EphemeraError } from '@ephemera/model';
import * as errors from './errors.ts';

const timeoutMs = 15_000;
/** The least that GitHub asks for where it names no time. */
const unsaidMs = 60_000;

/** Octokit's request function against one API, with a deadline on every call. */
export function requestTo(apiUrl: string): typeof octokitRequest {
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

/** The shape of what Octokit throws for an answer that is no success; other throws have no `response`. */
interface ThrownAnswer {
  readonly status: number;
  readonly message: string;
  readonly response?: { readonly headers?: Readonly<Record<string, string | number | undefined>> };
}

/** Whatever Octokit threw → one typed error. `what` completes the sentence "while …". */
export function githubError(what: string, thrown: unknown, now: Date): EphemeraError {
  if (!isAnswer(thrown)) return new errors.GitHubUnreachable({ what, problem: messageOf(thrown) }, { cause: thrown });
  const { status, message: reason } = thrown;
  const cause = { cause: thrown };
  const limitedMs = rateLimitMs(thrown, now);
  if (limitedMs !== undefined) return new errors.GitHubRateLimited({ what, retryAfterMs: limitedMs }, cause);
  if (status === 401) return new errors.GitHubUnauthorized({ what, reason }, cause);
  if (status === 403) return new errors.GitHubForbidden({ what, reason }, cause);
  if (status === 404 || status === 410) return new errors.GitHubNotFound({ what }, cause);
  if (status >= 500) return new errors.GitHubUnavailable({ what, status }, cause);
  return new errors.GitHubInvalid({ what, reason }, cause);
}

/** GitHub says 429, or 403 with a waiting time or an empty budget. */
function rateLimitMs(answer: ThrownAnswer, now: Date): number | undefined {
  if (answer.status !== 403 && answer.status !== 429) return undefined;
  const headers = answer.response?.headers ?? {};
  const retryAfter = headers['retry-after'];
  const exhausted = String(headers['x-ratelimit-remaining']) === '0';
  if (retryAfter !== undefined) return finite(Number(retryAfter) * 1000);
  if (exhausted) return finite(Number(headers['x-ratelimit-reset']) * 1000 - now.getTime());
  return answer.status === 429 || /secondary rate limit/i.test(answer.message) ? unsaidMs : undefined;
}

/** A proxy on the way may say anything; a time that is no number would reach the database. */
function finite(ms: number): number {
  return Number.isFinite(ms) ? Math.max(0, ms) : unsaidMs;
}

/** Octokit marks its own failures to connect with status 500 and no response; those are not answers. */
function isAnswer(thrown: unknown): thrown is ThrownAnswer {
  return (
    thrown instanceof Error &&
    'status' in thrown &&
    typeof thrown.status === 'number' &&
    'response' in thrown &&
    thrown.response !== undefined
  );
}
