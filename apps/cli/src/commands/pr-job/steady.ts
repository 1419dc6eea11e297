import type { JobEvent } from '@ephemera/job';

/**
 * Whether an event is news. A Job is Pending while none of its pods is ready, so also while its last one ends: that is not told after it
 * was Running, unless a pod has failed and the next one starts. Remembers what it has seen; has no effects.
 */
export function steady(): (event: JobEvent) => boolean {
  let hasRun = false;
  let failed = 0;
  return (event) => {
    if (event.type !== 'status') return true;
    const { status } = event;
    if (status.failed > failed) hasRun = false;
    failed = status.failed;
    if (status.state === 'Running') hasRun = true;
    return status.state !== 'Pending' || !hasRun;
  };
}
