import { ofJob, type Finding } from './finding.ts';
import { makerName, refusal } from './refusal.ts';
import type { Scene } from './scene.ts';

/** A quota without room. Never final: the controller goes on trying, and what waits in line is no failure. */
export function quota(scene: Scene): Finding | undefined {
  const refused = refusal(scene);
  if (refused === undefined || !/exceeded quota|status unknown for quota/i.test(refused.said)) return undefined;
  const figures = /exceeded quota: (\S+), requested: (.+?), used: (.+?), limited: (.+)$/.exec(refused.said);
  const said = figures
    ? `quota ${figures[1]} is used up: asked for ${figures[2]}, in use ${figures[3]}, limit ${figures[4]}`
    : refused.said;
  const place = scene.job?.namespace ? `in namespace ${scene.job.namespace}` : 'of the namespace';
  return ofJob(scene.job, {
    code: 'pod.quota',
    message: `The pods of ${makerName(scene)} wait for room, as ${said}`,
    hint: `Wait until others are done, ask for less, or raise the quota${figures ? ` ${figures[1]}` : ''} ${place}.`,
    retryable: true,
    final: false,
    since: refused.since,
  });
}
