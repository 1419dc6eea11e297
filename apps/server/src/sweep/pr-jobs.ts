import type { Cluster } from '@ephemera/kube';
import type { LocatedCluster } from '../pr-jobs/clusters.ts';
import type { Sweep } from '../store/schema.ts';
import { within } from '../within.ts';
import type { Pass, PrJobsToSweep } from './pass.ts';
import { sweepPrJobCluster } from './pr-job-cluster.ts';
import { clustersInUse } from './pr-job-names.ts';

const defaultBoxMs = 60_000;
/** Asked first: of a cluster that is away every list would wait for its own deadline. */
const answerMs = 5_000;
/** With finding out which cluster a name leads to. */
const reachMs = 15_000;

/**
 * What jobs leave behind, on every cluster: builders whose job was killed, and the rest of a name when its last job is gone. Each cluster
 * and each name on its own, all of it within a time box: what is not reached comes first in the next pass. `previous` is the newest pass
 * before this one that went to its end.
 */
export async function sweepPrJobs(pass: Pass, previous: Sweep | undefined): Promise<void> {
  const { prJobs, claim } = pass;
  if (!prJobs) return;
  const places = await reachable(pass, prJobs);
  const endsAt = performance.now() + (prJobs.boxMs ?? defaultBoxMs);
  for (const [index, place] of places.entries()) {
    claim.assertHeld();
    // One that is slow takes nothing from the others; what one leaves, those after it have.
    const share = (endsAt - performance.now()) / (places.length - index);
    const subject = subjectOf(place.clusterName);
    const part = () =>
      sweepPrJobCluster(pass, prJobs, { ...place, subject, previous, endsAt: performance.now() + share });
    await pass.isolated(subject, part, 'jobs');
  }
}

interface Reached {
  readonly cluster: Cluster;
  /** The one under which what is found is told. */
  readonly clusterName: string;
  /** All under which the database may know it. */
  readonly names: readonly string[];
}

/** Every cluster that answers, each once. Those that do not are findings, and their names wait. */
async function reachable(pass: Pass, { clusters, named }: PrJobsToSweep): Promise<readonly Reached[]> {
  const silent = () => new Error(`It did not answer within ${reachMs / 1000} s.`);
  const reach = async (name: string): Promise<LocatedCluster> => {
    const located = await clusters.at(name);
    await located.cluster.version({ signal: pass.claim.signal, timeoutMs: answerMs });
    return located;
  };
  const names = [...new Set(['', ...named, ...(await clustersInUse(pass.db))])];
  // All at once, so that those that are away take no longer than one of them.
  const answers = await Promise.allSettled(names.map((name) => within(reach(name), reachMs, silent)));
  const reached = new Map<string, { cluster: Cluster; clusterName: string; names: string[] }>();
  for (const [index, answer] of answers.entries()) {
    const name = names[index] ?? '';
    const part = async (): Promise<void> => {
      if (answer.status === 'rejected') throw answer.reason;
      const { key, cluster } = answer.value;
      const place = reached.get(key) ?? { cluster, clusterName: key, names: [key] };
      reached.set(key, { ...place, names: [...new Set([...place.names, name])] });
    };
    await pass.isolated(subjectOf(name), part, 'jobs');
  }
  return [...reached.values()];
}

function subjectOf(clusterName: string): string {
  return clusterName === '' ? 'pull-request jobs' : `cluster ${clusterName}`;
}
