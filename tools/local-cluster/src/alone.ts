import type { ClusterOptions } from './contract.ts';
import { lock } from './lock.ts';

/** Runs the work while nobody else does work under the same subject, and says so when it has to wait. */
export async function alone<Result>(
  subject: string,
  { report, signal }: Pick<ClusterOptions, 'report' | 'signal'>,
  work: () => Promise<Result>,
): Promise<Result> {
  const began = performance.now();
  const step = `waiting for another command (${subject})`;
  let waited = false;
  const held = await lock(subject, {
    signal,
    waiting: (holder) => {
      waited = true;
      report?.({ step, state: 'started', detail: holder });
    },
  });
  if (waited) report?.({ step, state: 'done', ms: Math.round(performance.now() - began) });
  try {
    return await work();
  } finally {
    await held.release();
  }
}
