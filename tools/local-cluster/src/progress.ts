import { messageOf } from '@ephemera/model';
import type { ClusterOptions } from './contract.ts';

export type Report = NonNullable<ClusterOptions['report']>;

/** Runs one step and reports its start, its end and the time between. */
export async function step<Result>(
  report: Report | undefined,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const began = performance.now();
  const ms = (): number => Math.round(performance.now() - began);
  report?.({ step: name, state: 'started' });
  try {
    const result = await work();
    report?.({ step: name, state: 'done', ms: ms() });
    return result;
  } catch (error) {
    report?.({ step: name, state: 'failed', ms: ms(), detail: messageOf(error) });
    throw error;
  }
}
