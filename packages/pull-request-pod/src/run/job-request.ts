import { createHash } from 'node:crypto';
import type { CheckedOrder } from '../objects/checked-order.ts';
import { PrJobInvalid } from '../objects/errors.ts';
import { isJobNameOf, jobNameAt } from '../objects/names.ts';

export interface JobRequest {
  /** The value of the annotation `ephemera.dev/request`. */
  readonly request: string;
  /** Whether nobody but this very call can have written it. */
  readonly isOwn: boolean;
  /** The names that the Job may have, the first that is free; only one where the name is fixed. */
  readonly jobNames: readonly string[];
}

export interface Reserved {
  /** A name that the caller has reserved for this request. */
  readonly jobName?: string | undefined;
  readonly request?: string | undefined;
}

/** More calls at once than this, of one name and in one millisecond, are refused. */
const millisecondsTried = 50;

/**
 * What one call asks for. With an idempotency key the 13 digits of the Job's name come from the key instead of the clock, so that two
 * calls that know nothing of each other meet in one name. Pure; throws `pr_job.invalid` for a name that is no Job's of this order.
 */
export function jobRequest(
  { name, idempotencyKey: key }: Pick<CheckedOrder, 'name' | 'idempotencyKey'>,
  { jobName, request }: Reserved,
  { nowMs, random }: { readonly nowMs: number; readonly random: string },
): JobRequest {
  const given = request ?? (key === undefined ? undefined : sha256(key));
  const asked = { request: given ?? random, isOwn: given === undefined };
  if (jobName !== undefined) {
    if (!isJobNameOf(name, jobName)) throw wrongJobName(name);
    return { ...asked, jobNames: [jobName] };
  }
  if (key !== undefined) return { ...asked, jobNames: [jobNameAt(name, digitsOf(key))] };
  const after = Array.from({ length: millisecondsTried }, (_, ms) => jobNameAt(name, nowMs + ms));
  return { ...asked, jobNames: after };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const smallest = 1_000_000_000_000;

/** Thirteen digits, the first of which is no zero. 48 bits of the hash are 30 times as many as there are such numbers. */
function digitsOf(key: string): number {
  return smallest + (Number.parseInt(sha256(key).slice(0, 12), 16) % (9 * smallest));
}

function wrongJobName(name: string): Error {
  const problem = 'is not the name of a Job of this pull-request job';
  return new PrJobInvalid({ problems: [{ path: 'jobName', problem, fix: `Write ${jobNameAt(name, smallest)}.` }] });
}
