import { fields, items, text, type Fields } from './fields.ts';
import type { PodView } from './pod-view.ts';
import { endedBadly, type Scene } from './scene.ts';

/**
 * Whether what failed is started again by itself, so that its failure decides nothing yet.
 *
 * Without a Job: by the kubelet, but what crashes at its start seldom heals, so this counts only up to `crashRestarts`.
 * With a Job: until the Job has failed, a rule of its failure policy ends it, or the failures have used up its backoff limit.
 */
export function isTriedAgain(pod: PodView, scene: Scene): boolean {
  const { job, graces } = scene;
  if (job === undefined) return pod.restartPolicy !== 'Never' && restartsOf(pod) < graces.crashRestarts;
  return isMadeAgain(pod, scene) && (pod.restartPolicy === 'Never' || hasRestartsLeft(scene));
}

/** Whether another pod follows on one that is lost. */
export function isMadeAgain(pod: PodView, scene: Scene): boolean {
  const { job, pods } = scene;
  if (job === undefined || job.failed !== undefined || job.suspended) return false;
  if (actionFor(pod, job.failureRules) === 'FailJob') return false;
  // The controller counts a pod only when it has seen its end: whichever count is ahead is right.
  const seen = pods.filter((one) => endedBadly(one) && actionFor(one, job.failureRules) !== 'Ignore').length;
  return Math.max(job.failedPods, seen) <= job.backoffLimit;
}

/** With `OnFailure` the restarts of all pods count together, as the Job controller does it. */
function hasRestartsLeft({ job, pods }: Scene): boolean {
  if (job === undefined) return false;
  return pods.reduce((sum, pod) => sum + restartsOf(pod), 0) < job.backoffLimit;
}

function restartsOf({ containers }: PodView): number {
  return containers.reduce((sum, { restarts }) => sum + restarts, 0);
}

/** The action of the first rule that fits; empty without one. The cluster takes rules for pods that are never restarted only. */
function actionFor(pod: PodView, rules: readonly Fields[]): string {
  if (pod.restartPolicy !== 'Never') return '';
  return text(
    rules.find((rule) => fitsCodes(pod, rule.onExitCodes) || fitsConditions(pod, rule.onPodConditions))?.action,
  );
}

function fitsCodes(pod: PodView, value: unknown): boolean {
  const { containerName, operator, values } = fields(value);
  if (!Array.isArray(values)) return false;
  const only = text(containerName);
  return pod.containers.some(({ name, ended }) => {
    if (ended === undefined || ended.exitCode === 0 || (only !== '' && name !== only)) return false;
    const listed = values.some((code) => code === ended.exitCode);
    return operator === 'In' ? listed : operator === 'NotIn' && !listed;
  });
}

function fitsConditions(pod: PodView, value: unknown): boolean {
  return items(value).some((wanted) =>
    pod.conditions.some(({ type, status }) => type === text(wanted.type) && status === (text(wanted.status) || 'True')),
  );
}
