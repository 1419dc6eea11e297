import { compilePodJob } from '@ephemera/job/compile';
import type { Job } from '@ephemera/model';
import type { CheckedOptions } from '../options/checked-options.ts';
import {
  appLabel,
  creationAnnotation,
  expiresAnnotation,
  idLabel,
  idleAnnotation,
  metadataPrefix,
  nameLabel,
  ownerAnnotation,
  sandboxApp,
} from './marks.ts';
import { sandboxPod } from './pod.ts';

/** Document 001 promises five minutes. */
export const defaultTtlSeconds = 300;
/** The runner ends by itself, and the Job is complete then. Its deadline is for a runner that does not, and for a pod that never starts. */
const afterRunnerSeconds = 60;

/** One sandbox to be made. Whoever makes it adds what marks the Job as theirs. */
export interface Making {
  readonly id: string;
  readonly namespace: string;
  readonly options: CheckedOptions;
  /** Random, see `creationAnnotation`. */
  readonly creation: string;
  readonly owner: string | undefined;
  /** By the cluster's clock. */
  readonly expiresAt: Date;
  readonly ttlSeconds: number;
}

/** The Job of one sandbox. It never makes a second pod: that one would know nothing of what ran in the first. */
export function sandboxJob({ id, namespace, options, creation, owner, expiresAt, ttlSeconds }: Making): Job {
  const { name, idleTimeoutMs, metadata } = options;
  return compilePodJob({
    name: id,
    namespace,
    labels: { [appLabel]: sandboxApp, [idLabel]: id, ...(name !== undefined && { [nameLabel]: name }) },
    annotations: {
      ...Object.fromEntries(Object.entries(metadata).map(([key, value]) => [metadataPrefix + key, value])),
      [expiresAnnotation]: expiresAt.toISOString(),
      [creationAnnotation]: creation,
      ...(idleTimeoutMs !== undefined && { [idleAnnotation]: String(idleTimeoutMs) }),
      ...(owner !== undefined && { [ownerAnnotation]: owner }),
    },
    settings: {
      backoffLimit: 0,
      activeDeadlineSeconds: deadlineSeconds(options.timeoutMs),
      ttlSecondsAfterFinished: ttlSeconds,
      // What an eviction or a lost node ends has lost its files: another pod would be another sandbox.
      podFailurePolicy: { rules: [{ action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget' }] }] },
      podReplacementPolicy: 'Failed',
    },
    pod: sandboxPod(id, options),
  });
}

/** The Job's own limit, counted from its start. */
export function deadlineSeconds(livesMs: number): number {
  return Math.ceil(livesMs / 1000) + afterRunnerSeconds;
}
