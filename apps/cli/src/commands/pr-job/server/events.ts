import type { NameRef } from '../pull-request-jobs.ts';
import { path, type Api } from './api.ts';

/** What the server has recorded about a name. */
export interface PrJobEventView {
  readonly id: number;
  readonly at: string;
  readonly caller: string;
  readonly action: string;
  readonly outcome: string;
  /** Empty: the server's own. */
  readonly cluster: string;
  readonly job_name: string | null;
  readonly code: string | null;
  readonly message: string | null;
}

/** As many as the server gives at once. */
export const mostEvents = 100;

/** Newest first, at most 100; `before`: only those before the event with this id. */
export async function prJobEvents(
  api: Api,
  { name, namespace }: NameRef,
  { before, signal }: { readonly before?: number; readonly signal: AbortSignal },
): Promise<readonly PrJobEventView[]> {
  const query = new URLSearchParams({ name, namespace, ...(before !== undefined && { before: String(before) }) });
  return api.ask<readonly PrJobEventView[]>({ path: `${path}/events?${query.toString()}`, signal });
}
