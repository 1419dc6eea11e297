import { ofJob, type Finding } from './finding.ts';
import { makerName, refusal } from './refusal.ts';
import { ageMs, type Scene } from './scene.ts';

/**
 * A rule of the cluster refuses the pods: Pod Security, a policy, a webhook, a LimitRange, a quota that wants limits to be named, a
 * runtime class that does not exist. These are enforced on pods and not on Jobs, so that the Job itself was accepted.
 */
export function admission(scene: Scene): Finding | undefined {
  const refused = refusal(scene);
  if (refused === undefined || !isRule(refused.said)) return undefined;
  const noAnswer = /failed calling webhook|failed to call webhook/i.test(refused.said);
  return ofJob(scene.job, {
    code: 'pod.admission',
    message: `The cluster refuses the pods of ${makerName(scene)}: ${refused.said}`,
    hint: noAnswer
      ? 'The webhook that the message names does not answer: see to the service behind it.'
      : hintFor(refused.said),
    retryable: noAnswer,
    final: !noAnswer || ageMs(refused.since, scene) >= scene.graces.noPodMs,
    since: refused.since,
  });
}

function isRule(said: string): boolean {
  return /violates PodSecurity|denied the request|denied request|ValidatingAdmissionPolicy|webhook|(maximum|minimum|max|min) [\w./-]+ usage per|limit to request ratio|must specify|RuntimeClass .* not found/i.test(
    said,
  );
}

function hintFor(said: string): string {
  const level = /violates PodSecurity "([\w-]+)/.exec(said)?.[1];
  if (level)
    return `Set in securityContext what the message names, or lower the Pod Security level ${level} of the namespace.`;
  if (/must specify/i.test(said))
    return 'Set requests and limits for the resources that the message names: the quota counts them.';
  if (/usage per|ratio/i.test(said)) return 'Keep requests and limits within the LimitRange of the namespace.';
  if (/RuntimeClass .* not found/i.test(said))
    return 'Create the runtime class that the message names, or name another.';
  return 'Change what is asked for, or the rule that the message names.';
}
