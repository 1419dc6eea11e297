import { kubeErrors, refOf, type Cluster, type KnownKind } from '@ephemera/kube';
import { instanceLabel, messageOf, refText, type KubeObject } from '@ephemera/model';
import { cleanupPrJob } from '@ephemera/pull-request-pod';
import type { Sweep } from '../store/schema.ts';
import { LeaseLost } from '../work/claim.ts';
import type { Pass, PrJobsToSweep } from './pass.ts';
import { attempt } from './pr-job-attempt.ts';
import { recordSwept } from './pr-job-events.ts';
import { deleteName, knownNames, subjectOf, takeName } from './pr-job-names.ts';

/** Less than a name has in a pass, so that the removal itself tells what is left. What takes longer goes on in the next pass. */
const cleanupMs = 8_000;

/** One of these is there as long as anything of a name is: the rest goes with them, and is found by the removal itself. */
const kinds = [
  'v1/ServiceAccount',
  'rbac.authorization.k8s.io/v1/Role',
  'rbac.authorization.k8s.io/v1/RoleBinding',
  'batch/v1/Job',
  'apps/v1/Deployment',
  'apps/v1/StatefulSet',
] as const satisfies readonly KnownKind[];

interface Place {
  readonly cluster: Cluster;
  readonly clusterName: string;
  readonly previous: Sweep | undefined;
}

/**
 * Jobs with our mark that this database has no row of: a restored backup has forgotten them. As with namespaces there is no haste, and the
 * cap of the pass applies: they are told first, and removed when they are older than the grace and the pass before has seen them too.
 */
export async function sweepForgotten(pass: Pass, prJobs: PrJobsToSweep, place: Place): Promise<void> {
  for (const namespace of prJobs.namespaces) {
    const { clusterName } = place;
    const subject = `pull-request jobs in ${namespace}${clusterName === '' ? '' : ` on ${clusterName}`}`;
    await pass.isolated(subject, () => sweepNamespace(pass, prJobs, { ...place, namespace }), 'jobs');
  }
}

async function sweepNamespace(
  pass: Pass,
  prJobs: PrJobsToSweep,
  place: Place & { readonly namespace: string },
): Promise<void> {
  const { namespace } = place;
  const listedAt = Date.now();
  const found = await ours(pass, prJobs.instance, place);
  // Only now: whoever makes something has written its row before.
  const known = await knownNames(pass.db, namespace, [...found.keys()]);
  for (const [name, objects] of found) {
    if (known.has(name)) continue;
    const key = { cluster: place.clusterName, namespace, name };
    await pass.isolated(subjectOf(key), () => sweepUnknown(pass, prJobs, place, { ...key, objects, listedAt }), 'jobs');
  }
}

/** By the name of the job. */
async function ours(
  { claim }: Pass,
  instance: string,
  { cluster, namespace }: Place & { readonly namespace: string },
): Promise<Map<string, KubeObject[]>> {
  const labelSelector = `created-by=catalyst-web-app,${instanceLabel}=${instance}`;
  const found = new Map<string, KubeObject[]>();
  for (const kind of kinds) {
    claim.assertHeld();
    const { items } = await cluster
      .list<KubeObject>(kind, { namespace, labelSelector, signal: claim.signal })
      .catch((error: unknown) => {
        // An account that may not even list this has made none of it.
        if (error instanceof kubeErrors.Forbidden) return { items: [] };
        throw error;
      });
    for (const object of items) {
      const { labels = {}, deletionTimestamp } = object.metadata;
      const name = labels['pr-name'] ?? labels['pr-job'];
      if (name !== undefined && deletionTimestamp === undefined) found.set(name, [...(found.get(name) ?? []), object]);
    }
  }
  return found;
}

interface Unknown {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly objects: readonly KubeObject[];
  readonly listedAt: number;
}

async function sweepUnknown(
  pass: Pass,
  { instance }: PrJobsToSweep,
  { cluster, previous }: Place,
  unknown: Unknown,
): Promise<void> {
  const { db, claim, graceMs } = pass;
  const { namespace, name, objects, listedAt } = unknown;
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
      const result = await attempt(claim, (signal) =>
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
  try {
    await pass.foundToRemove({ kind: 'orphan_pr_job', subject, action: 'removed', detail }, remove);
  } catch (error) {
    claim.signal.throwIfAborted();
    if (error instanceof LeaseLost) throw error;
    await pass.found({ kind: 'stuck_pr_job', subject, action: 'reported', detail: messageOf(error) });
  }
}
