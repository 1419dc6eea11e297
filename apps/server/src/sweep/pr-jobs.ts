import type { Cluster } from '@ephemera/kube';
import { EphemeraError, messageOf } from '@ephemera/model';
import { sweepPrJob } from '@ephemera/pull-request-pod';
import type { Executor } from '../store/database.ts';
import type { Sweep } from '../store/schema.ts';
import { sweepForgotten } from './forgotten-pr-jobs.ts';
import type { Pass, PrJobsToSweep } from './pass.ts';
import { recordSwept } from './pr-job-events.ts';
import { deleteName, holdName, noteProblem, settledNames, subjectOf, type PrJobName } from './pr-job-names.ts';
import { attempt } from './pr-job-attempt.ts';

/** Longer than a request that creates may take, with all that it waits for. */
const settleMs = 120_000;
/** Asked first: of a cluster that is away every name would wait for its own deadline. */
const answerMs = 5_000;

/**
 * What jobs leave behind, on every cluster: builders whose job was killed, and the rest of a name when its last job is gone. Each cluster
 * and each name on its own. `previous` is the newest pass before this one that went to its end.
 */
export async function sweepPrJobs(pass: Pass, previous: Sweep | undefined): Promise<void> {
  const { db, prJobs, claim } = pass;
  if (!prJobs) return;
  const names = await settledNames(db, prJobs.settleMs ?? settleMs);
  const lookedThrough = new Set<Cluster>();
  for (const clusterName of new Set(['', ...names.map((name) => name.cluster), ...prJobs.named])) {
    const part = async (): Promise<void> => {
      claim.assertHeld();
      const { key, cluster } = await prJobs.clusters.locate(clusterName);
      await cluster.version({ signal: claim.signal, timeoutMs: answerMs });
      for (const name of names.filter((one) => one.cluster === clusterName)) {
        await pass.isolated(subjectOf(name), () => sweepName(pass, prJobs, { ...name, at: cluster }), 'jobs');
      }
      // A cluster can have more than one name, and is looked through once.
      if (lookedThrough.has(cluster)) return;
      lookedThrough.add(cluster);
      await sweepForgotten(pass, prJobs, { cluster, clusterName: key, previous });
    };
    await pass.isolated(clusterName === '' ? 'pull-request jobs' : `cluster ${clusterName}`, part, 'jobs');
  }
}

/**
 * The row is held meanwhile: a create of the same name waits for it, or it would find its account removed between two of its steps. That
 * a Job has ended, or is gone, is read of that Job itself, so the cap of the pass does not apply.
 */
async function sweepName(
  pass: Pass,
  prJobs: PrJobsToSweep,
  { at, ...key }: PrJobName & { readonly at: Cluster },
): Promise<void> {
  const { db, claim, dryRun } = pass;
  claim.assertHeld();
  await db.transaction().execute(async (tx) => {
    const row = await holdName(tx, key, prJobs.settleMs ?? settleMs);
    if (!row) return;
    const { namespace, name } = row;
    const subject = subjectOf(row);
    const ref = { name, namespace, instance: prJobs.instance };
    const swept = await attempt(claim, (signal) => sweepPrJob(at, ref, { signal, dryRun }));
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
    else if (row.problem !== null) await noteProblem(tx, row, null);
  });
}

/** An event for each new problem, not for each pass that still has it. */
async function noteStuck(tx: Executor, row: PrJobName, error: unknown): Promise<void> {
  const message = messageOf(error);
  if (row.problem === message) return;
  await noteProblem(tx, row, message);
  const code = error instanceof EphemeraError ? error.code : undefined;
  await recordSwept(tx, row, { outcome: 'failed', code, message });
}
