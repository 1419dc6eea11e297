import type { Cluster } from '@ephemera/kube';
import { instanceLabel, type Job } from '@ephemera/model';
import { PrJobNotFound } from '../objects/errors.ts';
import { jobLabels } from '../objects/labels.ts';

/** Names one Job of a pull-request job. */
export interface PrJobRef {
  readonly jobName: string;
  readonly namespace: string;
  /** Whose Job it has to be. Default: anybody's. */
  readonly name?: string | undefined;
  /** Which server's it has to be. Default: any, and none. */
  readonly instance?: string | undefined;
}

/** Reads the Job. Throws `pr_job.not_found` also where it is no pull-request job, or not the one that is meant. */
export async function prJobOf(cluster: Cluster, ref: PrJobRef, signal?: AbortSignal): Promise<Job> {
  const { jobName, namespace } = ref;
  const job = await cluster.get<Job>({ apiVersion: 'batch/v1', kind: 'Job', namespace, name: jobName }, signal);
  if (!job || !isMeant(job, ref)) throw notFound(ref);
  return job;
}

export function notFound({ jobName, namespace, name }: PrJobRef): Error {
  return new PrJobNotFound({ jobName, namespace, name });
}

/** `pr-name`, which tells whose it is. */
export function nameOf({ metadata }: Job): string {
  return metadata.labels?.['pr-name'] ?? '';
}

function isMeant(job: Job, { name = nameOf(job), instance }: PrJobRef): boolean {
  const labels = job.metadata.labels ?? {};
  const isOurKind = name !== '' && Object.entries(jobLabels(name)).every(([key, value]) => labels[key] === value);
  return isOurKind && (instance === undefined || labels[instanceLabel] === instance);
}
