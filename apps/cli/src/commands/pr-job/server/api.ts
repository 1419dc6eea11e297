import { noEphemera, noEphemeraHint, openStream, parse, readAnswer, type ApiRequest } from '../../../server-api.ts';
import type { Credentials } from './credentials.ts';
import { refusalOf, ServerFailed } from './refusal.ts';

/** One server, asked with a token for each request. */
export interface Api {
  readonly url: string;
  /** The body of an answer with the status 200. Throws what `refusalOf` makes of any other, and `server.unreachable`. */
  ask<Answer>(request: SignalledRequest): Promise<Answer>;
  /** The body of an answer that goes on. */
  stream(request: SignalledRequest): Promise<AsyncIterable<Uint8Array>>;
}

type SignalledRequest = ApiRequest & { readonly signal: AbortSignal };

export const path = '/api/kubernetes/pr-jobs';

/** The server asks the cluster before it answers, which it tries several times. */
const timeoutMs = 60_000;

export function apiOf({ url, token, hint: tokenHint }: Credentials): Api {
  return {
    url,
    ask: async <Answer>(request: SignalledRequest) => {
      const server = { url, token: await token(request.signal) };
      const { status, text } = await readAnswer(server, { timeoutMs, ...request });
      const answer = parse(text);
      if (status !== 200) throw refusalOf({ url, status, text, tokenHint, hadToken: server.token !== undefined });
      if (typeof answer === 'object' && answer !== null) return answer as Answer;
      throw new ServerFailed({
        url,
        status,
        reason: noEphemera,
        hint: noEphemeraHint,
      });
    },
    stream: async (request) => {
      const server = { url, token: await token(request.signal) };
      const response = await openStream(server, { timeoutMs, ...request });
      if (response.status === 200 && response.body !== null) return response.body;
      const text = await response.text();
      throw refusalOf({ url, status: response.status, text, tokenHint, hadToken: server.token !== undefined });
    },
  };
}
