import type { JobLogLine } from '@ephemera/job';
import type { PullRequestPodStatus } from '@ephemera/pull-request-pod';
import { parse } from '../../../server-api.ts';
import type { StreamEvent } from './event-stream.ts';

/** What the server sends while a log is followed. */
export type LogEvent =
  | { readonly type: 'status'; readonly status: PullRequestPodStatus }
  | { readonly type: 'log'; readonly line: JobLogLine }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'end'; readonly end: StreamEnd };

export interface StreamEnd {
  /** `stopping` and `limit`: come back. */
  readonly reason: 'finished' | 'gone' | 'stopping' | 'limit' | 'failed';
  /** With `finished`: the state of the job. */
  readonly status?: PullRequestPodStatus['status'];
  /** With `failed`: as in any answer. */
  readonly error?: string;
  readonly code?: string;
  readonly hint?: string;
  readonly retryable?: boolean;
}

/** Undefined for an event that this command does not know: a newer server may send more. Pure. */
export function logEventOf({ type, data }: StreamEvent): LogEvent | undefined {
  const value = parse(data);
  if (typeof value !== 'object' || value === null) return undefined;
  switch (type) {
    case 'status':
      return { type, status: value as PullRequestPodStatus };
    case 'log':
      return { type, line: value as JobLogLine };
    case 'warning':
      return { type, message: String((value as { message?: unknown }).message) };
    case 'end':
      return { type, end: value as StreamEnd };
    default:
      return undefined;
  }
}
