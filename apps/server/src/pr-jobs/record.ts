import type { ProcessMetrics } from '../metrics/process-metrics.ts';
import type { FastifyBaseLogger } from 'fastify';
import type { Database } from '../store/database.ts';
import type { Caller } from '../tokens/caller.ts';
import { TooManyRequests } from './errors.ts';
import { prJobErrorAnswer, safe } from './problem.ts';
import type { Recent } from './recent.ts';
import { recordPrJobEvent, recordPrJobRead, type NewPrJobEvent } from './store/events.ts';

export type PrJobAction = 'create' | 'status' | 'logs' | 'cleanup';
export type PrJobOutcome = 'done' | 'refused' | 'failed';

/** What somebody asks for; filled in as it becomes known. */
export interface Asked {
  readonly action: PrJobAction;
  readonly caller: Caller;
  readonly namespace: string;
  readonly name: string;
  /** As the caller names it; empty for the server's own. */
  readonly clusterName: string;
  /** As the database knows it; what the caller names, until it is found. */
  cluster: string;
  jobName?: string | undefined;
  repositoryId?: number | null | undefined;
  /** What came of it, in words. */
  message?: string | undefined;
}

export interface RecordDeps {
  readonly db: Database;
  readonly metrics: Pick<ProcessMetrics, 'prJob'>;
  /** The events of the last hour that are recorded once an hour, as far as this process has seen them. */
  readonly recent: Recent;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
}

const longestMessage = 1_000;
const longestName = 253;
const reads: ReadonlySet<PrJobAction> = new Set(['status', 'logs']);
const refusals: ReadonlySet<number> = new Set([401, 403, 404, 409, 429]);

/** What is written down about an error: undefined for what says nothing about who may do what, as a body that is wrong. Pure. */
export function outcomeOf(error: unknown, action: PrJobAction): Exclude<PrJobOutcome, 'done'> | undefined {
  const { status } = prJobErrorAnswer(error);
  if (status >= 500) return 'failed';
  // Whoever waits for a job asks for what is not there yet, or no longer.
  if (status === 404 && reads.has(action)) return undefined;
  return refusals.has(status) ? 'refused' : undefined;
}

/**
 * Does it, and writes down who asked for what and what became of it. An event that cannot be written does not take back what was done: the
 * log has it then.
 */
export async function recorded<Result>(deps: RecordDeps, asked: Asked, run: () => Promise<Result>): Promise<Result> {
  try {
    const result = await run();
    await record(deps, asked, 'done', {});
    return result;
  } catch (error) {
    const outcome = outcomeOf(error, asked.action);
    if (outcome) {
      const { body } = prJobErrorAnswer(error);
      await record(deps, asked, outcome, { code: body.code, message: body.error });
    }
    throw error;
  }
}

async function record(
  { db, metrics, recent, log }: RecordDeps,
  asked: Asked,
  outcome: PrJobOutcome,
  problem: { readonly code?: string; readonly message?: string },
): Promise<void> {
  const { action, caller, cluster, clusterName, namespace, name, jobName, repositoryId, message } = asked;
  metrics.prJob(action, outcome);
  const event = {
    caller: plainText(caller.name, longestName),
    action,
    outcome,
    cluster: plainText(cluster, longestName),
    clusterName: cluster === '' ? null : plainText(clusterName, longestName),
    namespace: plainText(namespace, longestName),
    name: plainText(name, longestName),
    jobName: jobName === undefined ? null : plainText(jobName, longestName),
    repositoryId: repositoryId ?? null,
    code: problem.code ?? null,
    message: problem.message === undefined ? (message ?? null) : plainText(safe(problem.message), longestMessage),
  };
  // Whoever asks too often is not to cost more than the answer.
  const isHourly = reads.has(action) || event.code === TooManyRequests.code;
  const key = hourlyKey(event, caller.account);
  if (isHourly && recent.has(key)) return;
  try {
    await (isHourly ? recordPrJobRead(db, event) : recordPrJobEvent(db, event));
    if (isHourly) recent.add(key);
  } catch (error) {
    log.error({ err: error, event }, 'an event of a pull-request job could not be recorded');
  }
}

/** As the database tells them apart: what is refused by the reason alone, or whoever tries names would fill the table. */
function hourlyKey(
  { action, outcome, cluster, namespace, name, jobName, code }: NewPrJobEvent,
  account: string,
): string {
  return JSON.stringify([
    account,
    action,
    outcome,
    ...(outcome === 'refused' ? [code] : [cluster, namespace, name, jobName]),
  ]);
}

/** The database takes no NUL, and nobody wants control characters in what people read. */
function plainText(text: string, longest: number): string {
  return text
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, longest)
    .toWellFormed();
}
