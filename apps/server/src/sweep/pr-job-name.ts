import type { Cluster } from '@ephemera/kube';
import { EphemeraError, messageOf } from '@ephemera/model';
import { sweepPrJob } from '@ephemera/pull-request-pod';
import { settledAfterMs } from '../pr-jobs/deadlines.ts';
import type { Executor } from '../store/database.ts';
import type { Pass, PrJobsToSweep } from './pass.ts';
import { attempt } from './pr-job-attempt.ts';
import { recordSwept } from './pr-job-events.ts';
import { deleteName, holdName, noteProblem, subjectOf, type PrJobName } from './pr-job-names.ts';

/** Less than the 15 s for which the database lets a transaction wait. */
export const nameMs = 10_000;

/**
 * Sees to one name that has something to do. The row is held meanwhile: a create of the same name waits for it, or it would find its account
 * removed between two of its steps. That a Job has ended, or is gone, is read of that Job itself, so the cap of the pass does not apply.
 */
export async function sweepPrJobName(
  pass: Pass,
  prJobs: PrJobsToSweep,
  at: { readonly row: PrJobName; readonly cluster: Cluster },
): Promise<void> {
  const { db, claim, dryRun } = pass;
  claim.assertHeld();
  await db.transaction().execute(async (tx) => {
    const row = await holdName(tx, at.row, prJobs.settleMs ?? settledAfterMs);
    if (!row) return;
    const { namespace, name } = row;
    const subject = subjectOf(row);
    const ref = { name, namespace, instance: prJobs.instance };
    const swept = await attempt(claim, nameMs, (signal) => sweepPrJob(at.cluster, ref, { signal, dryRun }));
    if ('error' in swept) {
      const detail = messageOf(swept.error);
      const note = () => noteStuck(tx, row, swept.error);
      await pass.found({ kind: 'stuck_pr_job', subject, action: 'reported', detail }, note);
      return;
    }
    const { state, removed } = swept.result;
    const what = removed.join(', ');
    if (removed.length > 0) {
      const detail = `No job needs it any more: ${what}`;
      await pass.found({ kind: 'left_by_pr_job', subject, action: 'removed', detail }, () =>
        recordSwept(tx, row, { outcome: 'done', message: `Removed ${what}.` }),
      );
    }
    if (dryRun) return;
    if (state === 'gone') await deleteName(tx, row);
    else await noteProblem(tx, row, null);
  });
}

/** An event for each new problem, not for each pass that still has it. */
async function noteStuck(tx: Executor, row: PrJobName, error: unknown): Promise<void> {
  const message = messageOf(error);
  await noteProblem(tx, row, message);
  if (row.problem === message) return;
  const code = error instanceof EphemeraError ? error.code : undefined;
  await recordSwept(tx, row, { outcome: 'failed', code, message });
}
