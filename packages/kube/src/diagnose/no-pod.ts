import { latest } from './fields.ts';
import { ofJob, type Finding } from './finding.ts';
import { makerName, refusal } from './refusal.ts';
import { ageMs, missingPods, type Scene } from './scene.ts';

/**
 * A Job that was accepted and has no pod, without a reason that has a code of its own. Before the grace is over this is how every Job
 * begins. Where events may not be read it is never final: a quota, which only events tell of, may be all that it waits for.
 */
export function noPod(scene: Scene): Finding | undefined {
  const { job, pods, makerEvents, eventsReadable, graces } = scene;
  if (job === undefined || pods.length > 0 || job.activePods > 0 || missingPods(scene) === 0) return undefined;
  const refused = refusal(scene);
  const since = refused?.since ?? latest([job.since, ...makerEvents.map(({ lastAt }) => lastAt)]);
  const over = ageMs(since, scene) >= graces.noPodMs;
  if (refused === undefined && !over) return undefined;
  return ofJob(job, {
    code: 'pod.missing',
    message:
      refused === undefined
        ? `${makerName(scene)} was accepted, but no pod of it appears${eventsReadable ? ', and no event says why' : ''}`
        : `The pods of ${makerName(scene)} cannot be made: ${refused.said}`,
    hint: eventsReadable
      ? 'Look at the controllers of the cluster (kube-controller-manager) and at its API server: kubectl get --raw /readyz.'
      : 'A quota, a policy or a missing service account would stand in the events of the Job: kubectl describe job.',
    retryable: true,
    final: over && eventsReadable,
    since,
  });
}
