import { kubeErrors, type Cluster } from '@ephemera/kube';
import { surveyPrJobs, type SurveyedPrJob } from '@ephemera/pull-request-pod';
import { settledAfterMs } from '../pr-jobs/deadlines.ts';
import type { Sweep } from '../store/schema.ts';
import { sweepForgotten } from './forgotten-pr-jobs.ts';
import type { Pass, PrJobsToSweep } from './pass.ts';
import { attempt } from './pr-job-attempt.ts';
import { forgetNames, noteProblem, noteSwept, settledNames, subjectOf, type SettledName } from './pr-job-names.ts';
import { sweepPrJobName } from './pr-job-name.ts';

/** Rows that are compared with what a cluster has. The lists are the same ones for all of them. */
const mostCompared = 10_000;
const defaultMostNames = 200;

export interface PrJobCluster {
  readonly cluster: Cluster;
  /** As the database knows it; empty for the server's own. */
  readonly clusterName: string;
  /** All under which there may be rows of it. */
  readonly names: readonly string[];
  /** What findings about all of it are called. */
  readonly subject: string;
  readonly previous: Sweep | undefined;
  /** On the clock of `performance.now()`. */
  readonly endsAt: number;
}

/**
 * One cluster: its namespaces are listed once for all names, and only the names that have something to do are seen to, one after the
 * other. To look at each name instead, as many are only waiting for their job to end, would be a dozen calls each in each pass.
 */
export async function sweepPrJobCluster(pass: Pass, prJobs: PrJobsToSweep, place: PrJobCluster): Promise<void> {
  const { db, claim, dryRun } = pass;
  const settleMs = prJobs.settleMs ?? settledAfterMs;
  // Before anything is listed: what a create makes later is no part of it.
  const rows = await settledNames(db, { clusters: place.names, settleMs, most: mostCompared });
  const due = new Set<SettledName>();
  const namespaces = [...new Set([...rows.map(({ namespace }) => namespace), ...prJobs.namespaces])];
  for (const [index, namespace] of namespaces.entries()) {
    claim.assertHeld();
    const here = rows.filter((row) => row.namespace === namespace);
    // One share more: for what there is to do.
    const ms = (place.endsAt - performance.now()) / (namespaces.length - index + 1);
    const { clusterName } = place;
    const subject = `pull-request jobs in ${namespace}${clusterName === '' ? '' : ` on ${clusterName}`}`;
    const part = async (): Promise<void> => {
      const listedAt = Date.now();
      const found = await survey({ pass, prJobs, place, namespace, here, ms });
      if (!found) return;
      for (const row of await compare(pass, here, found)) due.add(row);
      await sweepForgotten(pass, prJobs, { ...place, namespace, found, listedAt });
    };
    await pass.isolated(subject, part, 'jobs');
  }
  const waiting = new Set(due);
  for (const row of rows.filter((one) => due.has(one)).slice(0, prJobs.mostNames ?? defaultMostNames)) {
    if (performance.now() >= place.endsAt) break;
    waiting.delete(row);
    await pass.isolated(subjectOf(row), () => sweepPrJobName(pass, prJobs, { row, cluster: place.cluster }), 'jobs');
  }
  if (waiting.size > 0) {
    const detail = `${waiting.size} names have something to remove and come first in the next pass.`;
    await pass.found({ kind: 'waiting_pr_jobs', subject: place.subject, action: 'reported', detail });
  }
  if (!dryRun) {
    await noteSwept(
      db,
      rows.filter((row) => !due.has(row)),
    );
  }
}

interface ToSurvey {
  readonly pass: Pass;
  readonly prJobs: PrJobsToSweep;
  readonly place: PrJobCluster;
  readonly namespace: string;
  /** The rows in it. */
  readonly here: readonly SettledName[];
  readonly ms: number;
}

/** Undefined: our account may not look here, and nothing is known that it could have made. */
async function survey({
  pass,
  prJobs,
  place,
  namespace,
  here,
  ms,
}: ToSurvey): Promise<ReadonlyMap<string, SurveyedPrJob> | undefined> {
  const { instance } = prJobs;
  const markedOnly = here.length === 0;
  const surveyed = await attempt(pass.claim, ms, (signal) =>
    surveyPrJobs(place.cluster, { namespace, instance, markedOnly }, signal),
  );
  if ('result' in surveyed) return surveyed.result;
  if (markedOnly && surveyed.error instanceof kubeErrors.Forbidden) return undefined;
  throw surveyed.error;
}

/** Those that have something to do. Names of which nothing is there are forgotten at once, and problems that are over with them. */
async function compare(
  { db, dryRun }: Pass,
  rows: readonly SettledName[],
  found: ReadonlyMap<string, SurveyedPrJob>,
): Promise<readonly SettledName[]> {
  if (!dryRun) {
    await forgetNames(
      db,
      rows.filter(({ name }) => !found.has(name)),
    );
    const isOver = ({ name, problem }: SettledName): boolean => problem !== null && found.get(name)?.isDue === false;
    for (const row of rows.filter(isOver)) await noteProblem(db, row, null);
  }
  return rows.filter(({ name }) => found.get(name)?.isDue === true);
}
