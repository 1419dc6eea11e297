import type { Connection } from './connection.ts';
import { Invalid } from './errors.ts';
import { send } from './request.ts';

const timeoutMs = 10_000;

/**
 * How far the API server's clock is ahead of ours, in milliseconds; negative when it is behind. From the `Date` of one answer, so it is
 * exact to a second and half the way there and back.
 */
export async function clockAheadMs(connection: Connection, signal?: AbortSignal): Promise<number> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const sentAt = Date.now();
  const response = await send(
    connection,
    { method: 'GET', path: '/version', what: 'Reading the clock of the cluster', urgency: 'urgent' },
    { signal: signal ? AbortSignal.any([signal, deadline]) : deadline },
  );
  await response.body.dump();
  const { date } = response.headers;
  const serverAt = Date.parse(String(date));
  if (Number.isNaN(serverAt)) throw new Invalid({ what: 'The Date of the answer', reason: `it says ${String(date)}` });
  // The header is cut to whole seconds: half of one is the best guess.
  return serverAt + 500 - (sentAt + Date.now()) / 2;
}
