import { refOf } from '@ephemera/kube';
import { messageOf, refText, type KubeObject } from '@ephemera/model';
import { cleanupPrJob, type SurveyedPrJob } from '@ephemera/pull-request-pod';
import { LeaseLost } from '../work/claim.ts';
import type { Pass, PrJobsToSweep } from './pass.ts';
import { attempt } from './pr-job-attempt.ts';
import type { PrJobCluster } from './pr-job-cluster.ts';
import { recordSwept } from './pr-job-events.ts';
import { nameMs } from './pr-job-name.ts';
import { deleteName, knownNames, subjectOf, takeName } from './pr-job-names.ts';

/** Less than a name has in a pass, so that the removal itself tells what is left. What takes longer goes on in the next pass. */
const cleanupMs = 8_000;

interface Place extends Pick<PrJobCluster, 'cluster' | 'clusterName' | 'previous' | 'endsAt'> {
  readonly namespace: string;
  /** What is in it, by name. */
  readonly found: ReadonlyMap<string, SurveyedPrJob>;
  /** By our clock, from before it was listed. */
  readonly listedAt: number;
}

/**
 * Jobs with our mark that this database has no row of: a restored backup has forgotten them. As with namespaces there is no haste, and the
 * cap of the pass applies: they are told first, and removed when they are older than the grace and the pass before has seen them too.
 */
export async function sweepForgotten(pass: Pass, prJobs: PrJobsToSweep, place: Place): Promise<void> {
  const { clusterName, namespace, found } = place;
  const marked = [...found].filter(([, { objects }]) => objects.length > 0);
  // Only now that all is listed: whoever makes something has written its row before.
  const known = await knownNames(
    pass.db,
    namespace,
    marked.map(([name]) => name),
  );
  for (const [name, { objects }] of marked) {
    if (known.has(name)) continue;
    const key = { cluster: clusterName, namespace, name };
    await pass.isolated(subjectOf(key), () => sweepUnknown(pass, prJobs, place, { ...key, objects }), 'jobs');
  }
}

interface Unknown {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly objects: readonly KubeObject[];
}

async function sweepUnknown(
  pass: Pass,
  { instance }: PrJobsToSweep,
  { cluster, previous, endsAt, listedAt }: Place,
  unknown: Unknown,
): Promise<void> {
  const { db, claim, graceMs } = pass;
  const { namespace, name, objects } = unknown;
  const subject = subjectOf(unknown);
  const what = objects.map((object) => refText(refOf(object))).join(', ');
  const youngest = Math.max(...objects.map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? '')));
  const seenBefore = previous?.findings.some((finding) => finding.subject === subject) ?? false;
  if (!(listedAt - youngest > graceMs) || !seenBefore) {
    const detail = `No row is known for it; it is removed when a later pass still finds it: ${what}`;
    await pass.found({ kind: 'orphan_pr_job', subject, action: 'reported', detail });
    return;
  }
  const remove = async (): Promise<void> => {
    const cleaned = await db.transaction().execute(async (tx) => {
      if (!(await takeName(tx, unknown))) return undefined;
      const result = await attempt(claim, nameMs, (signal) =>
        cleanupPrJob(cluster, { name, namespace, instance }, { signal, timeoutMs: cleanupMs }),
      );
      if ('result' in result) {
        const message = `Removed ${result.result.removed.join(', ')}.`;
        await recordSwept(tx, { ...unknown, repositoryId: null }, { outcome: 'done', message });
      }
      await deleteName(tx, unknown);
      return result;
    });
    if (cleaned && 'error' in cleaned) throw cleaned.error;
  };
  const detail = `No row is known for it, and the pass before has seen it too: ${what}`;
  if (performance.now() >= endsAt) {
    const later = `${detail}. This pass has no time left for it.`;
    return pass.found({ kind: 'orphan_pr_job', subject, action: 'reported', detail: later });
  }
  try {
    await pass.foundToRemove({ kind: 'orphan_pr_job', subject, action: 'removed', detail }, remove);
  } catch (error) {
    claim.signal.throwIfAborted();
    if (error instanceof LeaseLost) throw error;
    await pass.found({ kind: 'stuck_pr_job', subject, action: 'reported', detail: messageOf(error) });
  }
}
