import { defineError, type EphemeraError } from '@ephemera/model';
import { ServerRefused, TokenRefused } from '../../../errors.ts';
import { noEphemera, noEphemeraHint, parse, problemOf } from '../../../server-api.ts';
import { plain } from '../../../table.ts';

/** The server cannot use what it was given: it is the caller's to change. */
export const ServerCannotUse = defineError<Refusal>({
  code: 'server.bad_input',
  retryable: false,
  message: ({ url, status, reason }) => `${reason} (${status} from ${url})`,
  hint: ({ hint }) => hint ?? 'Add --help to see what the command takes.',
});

/** The server tried and failed, or its answer is none. */
export const ServerFailed = defineError<Refusal>({
  code: 'server.failed',
  retryable: true,
  message: ({ url, status, reason }) => `${reason} (${status} from ${url})`,
  hint: ({ hint }) => hint ?? 'The log of the server may say more.',
});

interface Refusal {
  readonly url: string;
  readonly status: number;
  readonly reason: string;
  readonly hint: string | undefined;
  /** The server's own code for it. */
  readonly serverCode?: string | undefined;
}

interface Answer {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  /** What to do about a token that is missing, and about one that is refused where the server does not say. */
  readonly tokenHint: string;
  readonly hadToken: boolean;
}

/** Longer texts are no answers of ours. */
const longestText = 300;

/** An answer that is no success → the error that ends with the right exit code. What a server quotes is text of strangers. Pure. */
export function refusalOf({ url, status, text, tokenHint, hadToken }: Answer): EphemeraError {
  const answer = problemOf(parse(text));
  const hint = answer.error === undefined ? noEphemeraHint : answer.hint;
  const refusal = {
    url,
    status,
    reason: plain(reasonOf(answer, { status, text })).trim(),
    hint: hint === undefined ? undefined : plain(hint),
    serverCode: answer.code,
  };
  if (status === 401)
    return new TokenRefused({ url, reason: refusal.reason, hint: (hadToken ? refusal.hint : undefined) ?? tokenHint });
  if (badInput.has(status)) return new ServerCannotUse(refusal);
  return refused.has(status) ? new ServerRefused(refusal) : new ServerFailed(refusal);
}

/** A proxy that does not reach the server answers with 5xx; whoever answers anything else without a word of ours is somebody else. */
function reasonOf(
  { error, details, hint }: ReturnType<typeof problemOf>,
  { status, text }: Pick<Answer, 'status' | 'text'>,
): string {
  if (error !== undefined)
    return details === undefined || details === error || details === hint ? error : `${error} ${details}`;
  const words = text.slice(0, longestText).trim();
  if (status >= 500) return words || 'The server says no more.';
  return words === '' ? noEphemera : `${noEphemera}: ${words}`;
}

const badInput: ReadonlySet<number> = new Set([400, 413, 415, 422]);
const refused: ReadonlySet<number> = new Set([403, 404, 405, 409, 429, 502, 503]);
