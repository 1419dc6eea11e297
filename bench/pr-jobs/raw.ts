import { checkOrder, jobNameAt, prJobObject } from '@ephemera/pull-request-pod';
import type { ApiServer } from '../api-server.ts';
import { collectionPath } from '../object-path.ts';
import { openLoop, type Arrival } from './open-loop.ts';

export interface RawOptions {
  readonly api: ApiServer;
  readonly namespace: string;
  readonly count: number;
  readonly perSecond: number;
  readonly signal: AbortSignal;
}

/** What the cluster itself can do: the same Job by one POST, without an account, a look at anything, or a record. */
export async function measureRaw({
  api,
  namespace,
  count,
  perSecond,
  signal,
}: RawOptions): Promise<readonly Arrival[]> {
  const startedAt = Date.now();
  const jobs = Array.from({ length: count }, (_, index) => {
    const order = checkOrder({ name: `bench-${index}`, namespace });
    return prJobObject({ order, jobName: jobNameAt(order.name, startedAt + index), request: String(index) });
  });
  return openLoop({
    count,
    perSecond,
    signal,
    send: async (index) => {
      const job = jobs[index];
      if (job !== undefined) await api.call('POST', collectionPath(job), job);
    },
  });
}
