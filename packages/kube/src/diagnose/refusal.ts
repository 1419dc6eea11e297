import { earliest, latest } from './fields.ts';
import { missingPods, type Scene } from './scene.ts';

/** That whoever makes the pods was refused: the create call of the Job itself went well, so only its events say so. */
export interface Refusal {
  /** Without the name of the pod, which is another one at every attempt. */
  readonly said: string;
  readonly since: number | undefined;
}

/** The newest refusal, unless pods have been made since, or none is missing. */
export function refusal(scene: Scene): Refusal | undefined {
  const { job, makerEvents } = scene;
  if (job !== undefined && missingPods(scene) === 0) return undefined;
  const made =
    latest(makerEvents.filter(({ reason }) => reason === 'SuccessfulCreate').map(({ lastAt }) => lastAt)) ?? 0;
  const refused = makerEvents.filter(
    ({ reason, lastAt }) =>
      // Events are exact to a second only. With a Job its missing pods decide; without one the newer event does.
      reason === 'FailedCreate' && (job === undefined ? (lastAt ?? 0) > made : (lastAt ?? 0) >= made),
  );
  const last = refused.at(-1);
  if (last === undefined) return undefined;
  const said = last.message.replace(/^Error creating: /i, '').replace(/^pods "[^"]*" is forbidden: /i, '');
  return { said, since: earliest(refused.map(({ firstAt }) => firstAt)) };
}

/** `Job x`, or what is known of it. */
export function makerName({ job }: Scene): string {
  return job === undefined ? 'this' : `Job ${job.name}`;
}
