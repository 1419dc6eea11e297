import { EphemeraError, messageOf } from '@ephemera/model';
import { within } from '../within.ts';

/** True: well. False: broken. Null: cannot be said, or works less than it could; the hint says what to do. */
export type Ok = boolean | null;

export interface Verdict {
  readonly ok: Ok;
  /** What was found, in a sentence or two; never a secret. */
  readonly detail: string;
  readonly hint?: string | undefined;
}

export interface Finding extends Verdict {
  /** Stable, for programs. */
  readonly check: string;
}

export interface Check {
  readonly name: string;
  /** Default 15 s. */
  readonly timeoutMs?: number;
  /** How long it may take after that, or after an interruption, to take down what it made. Default: not at all. */
  readonly tidyMs?: number;
  /** What an error or the end of its time means. Default: broken. */
  readonly trouble?: 'broken' | 'unknown';
  readonly run: (signal: AbortSignal) => Promise<Verdict>;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly check: string;
  readonly state: 'started' | 'done' | 'failed';
  readonly ms?: number;
}

const defaultTimeoutMs = 15_000;

/** Runs all of them side by side, each with its own deadline; one that fails says so in its own line and in no other. */
export async function runChecks(checks: readonly Check[], options: RunOptions = {}): Promise<Finding[]> {
  return Promise.all(checks.map((check) => runCheck(check, options)));
}

async function runCheck(check: Check, { signal, onProgress }: RunOptions): Promise<Finding> {
  const { name, timeoutMs = defaultTimeoutMs, tidyMs = 0 } = check;
  const deadline = AbortSignal.timeout(timeoutMs);
  const late = () => new Error(`there was no answer within ${timeoutMs / 1000} s`);
  const startedAt = performance.now();
  onProgress?.({ check: name, state: 'started' });
  const run = check.run(signal ? AbortSignal.any([signal, deadline]) : deadline);
  const verdict = await within(run, timeoutMs + tidyMs, late).catch((thrown: unknown): Verdict => {
    const error = deadline.aborted && !(thrown instanceof EphemeraError) ? late() : thrown;
    return {
      ok: check.trouble === 'unknown' ? null : false,
      detail: messageOf(error),
      hint: error instanceof EphemeraError ? error.hint : undefined,
    };
  });
  onProgress?.({ check: name, state: verdict.ok === false ? 'failed' : 'done', ms: performance.now() - startedAt });
  const { ok, detail, hint } = verdict;
  return { check: name, ok, detail, ...(hint === undefined ? {} : { hint }) };
}
