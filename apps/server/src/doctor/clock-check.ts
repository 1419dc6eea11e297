import type { Cluster } from '@ephemera/kube';
import type { Verdict } from './check.ts';

/** GitHub takes an App's token whose time is at most this far off. */
const toleranceMs = 60_000;

export interface Clock {
  readonly of: string;
  /** Undefined: it does not answer, which other checks say. */
  readonly aheadMs: number | undefined;
}

export async function clusterClock(cluster: Promise<Cluster>, signal: AbortSignal): Promise<Clock> {
  const aheadMs = await cluster.then((found) => found.clockAheadMs(signal)).catch(() => undefined);
  return { of: 'the cluster', aheadMs };
}

/** Any answer of GitHub's has its time, also one that refuses. */
export async function githubClock(apiUrl: string, signal: AbortSignal): Promise<Clock> {
  const sentAt = Date.now();
  const date = await fetch(apiUrl, { method: 'HEAD', redirect: 'manual', signal }).then(
    ({ headers }) => headers.get('date'),
    () => null,
  );
  const at = Date.parse(date ?? '');
  // The header is cut to whole seconds, and the answer was under way for half of the time.
  return { of: 'GitHub', aheadMs: Number.isNaN(at) ? undefined : at + 500 - (sentAt + Date.now()) / 2 };
}

/** Pure. */
export function judgeClocks(clocks: readonly Clock[]): Verdict {
  const known = clocks.filter((clock): clock is Clock & { aheadMs: number } => clock.aheadMs !== undefined);
  if (known.length === 0) return { ok: null, detail: 'nobody answers who could tell the time' };
  const detail = known.map(({ of, aheadMs }) => `${Math.round(Math.abs(aheadMs) / 1000)} s off ${of}`).join(', ');
  if (known.every(({ aheadMs }) => Math.abs(aheadMs) <= toleranceMs)) return { ok: true, detail };
  return {
    ok: false,
    detail,
    hint: 'Set this machine’s clock by NTP: GitHub refuses tokens of an App whose clock is more than a minute off.',
  };
}
