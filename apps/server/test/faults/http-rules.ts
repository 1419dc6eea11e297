import { Rules, type Occurrence } from './occurrences.ts';

/** What a rule decides about one HTTP request. */
export type HttpFate =
  /** Passed on, and its answer back. */
  | 'forward'
  /** Neither passed on nor answered, until `release()`. */
  | 'hold'
  /** The connection is reset; the other side never hears of the request. */
  | 'reset'
  /** Passed on; the answer is swallowed and the caller is left waiting. */
  | 'forward-and-drop'
  /** Passed on; when the answer is there, the caller's connection is reset instead. */
  | 'forward-and-reset'
  /** Passed on after so many milliseconds. */
  | { readonly delayMs: number }
  /** Answered here, in the other side's place. A body that is not a string is sent as JSON. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  /** Of a streamed answer so many lines come through, then half of the next one, then the connection is reset. */
  | { readonly cutAfterLines: number }
  /** Of a streamed answer so many lines come through, then nothing any more, on a connection that stays open. */
  | { readonly freezeAfterLines: number };

export interface HttpCall {
  readonly method: string;
  /** With its query. */
  readonly path: string;
}

export interface HttpRule extends Occurrence<HttpCall, HttpFate> {
  readonly method?: string | readonly string[];
  /** A string is how the path begins; an expression is tried on the path with its query. */
  readonly path?: string | RegExp;
}

export function httpRules(): Rules<HttpCall, HttpFate, HttpRule> {
  return new Rules(({ method, path }, call) => {
    const methods = typeof method === 'string' ? [method] : method;
    if (methods !== undefined && !methods.includes(call.method)) return false;
    if (path === undefined) return true;
    return typeof path === 'string' ? call.path.startsWith(path) : path.test(call.path);
  });
}
