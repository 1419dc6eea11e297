import type { Job } from '@ephemera/model';
import type * as pulumi from '@pulumi/pulumi';
import { TIMEOUT_SECONDS } from './vars.ts';

/** After its deadline a Job has yet to end its pods and to be marked as failed. */
const graceSeconds = 300;
/** For a Job without a deadline, which may run for ever; the provider's own 10 minutes are too short for much of what Jobs do. */
const withoutDeadlineSeconds = 3600;

/**
 * How long an update waits for the Job: as long as the caller says; else as the annotation `pulumi.com/timeoutSeconds` says, which
 * the provider reads only where no timeout is set; else a little longer than the deadline of the Job, or an hour without one.
 */
export function jobTimeouts(
  { metadata, spec }: Job,
  asked: pulumi.CustomTimeouts | undefined,
): pulumi.CustomTimeouts | undefined {
  if (metadata.annotations?.[TIMEOUT_SECONDS] !== undefined) return asked;
  const { activeDeadlineSeconds } = spec;
  const seconds = activeDeadlineSeconds === undefined ? withoutDeadlineSeconds : activeDeadlineSeconds + graceSeconds;
  const own = `${seconds}s`;
  return { ...asked, create: asked?.create ?? own, update: asked?.update ?? own };
}
