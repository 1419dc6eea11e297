import { percentile, type Figure } from '../figures.ts';
import type { Arrival } from './open-loop.ts';

/** Writes that a creation needs where raw makes one: four objects, the references of three of them to the Job, and the rows. */
const writes = 8;
/** What is due within this time after the last request is not falling behind. */
const slackSeconds = 1;

export interface Phases {
  readonly raw: readonly Arrival[];
  readonly created: readonly Arrival[];
  readonly perSecond: number;
  /** Of the server's process, for all its creations together. NaN where it cannot be told. */
  readonly cpuSeconds: number;
}

/** The endpoint held against one POST of the same Job at the same rate. Pure. */
export function figuresOf({ raw, created, perSecond, cpuSeconds }: Phases): readonly Figure[] {
  const latency = (percent: number): readonly Figure[] => {
    const [limit, ours] = [raw, created].map((arrivals) =>
      percentile(
        arrivals.map(({ ms }) => ms),
        percent,
      ),
    ) as [number, number];
    const ratio = ours / limit;
    return [
      { name: `pr_jobs.raw_p${percent}`, value: limit, unit: 'ms' },
      {
        name: `pr_jobs.create_p${percent}`,
        value: ours,
        unit: 'ms',
        ratio,
        goal: `≤ ${writes} × raw`,
        ok: ratio <= writes,
      },
    ];
  };
  const failed = (arrivals: readonly Arrival[]) => arrivals.filter(({ problem }) => problem !== undefined).length;
  const behind = behindSeconds(created, perSecond);
  return [
    ...latency(50),
    ...latency(99),
    {
      name: 'pr_jobs.create_behind',
      value: behind,
      unit: 's',
      goal: `≤ ${slackSeconds} s at ${perSecond}/s`,
      ok: behind <= slackSeconds,
    },
    { name: 'pr_jobs.raw_failed', value: failed(raw), unit: 'requests', goal: '0', ok: failed(raw) === 0 },
    { name: 'pr_jobs.create_failed', value: failed(created), unit: 'requests', goal: '0', ok: failed(created) === 0 },
    { name: 'pr_jobs.server_cpu_each', value: (cpuSeconds * 1000) / created.length, unit: 'ms' },
  ];
}

/** How long after the last request was due the last answer came: it grows with the number of requests where the rate is too high. */
function behindSeconds(arrivals: readonly Arrival[], perSecond: number): number {
  const lastDueMs = ((arrivals.length - 1) * 1000) / perSecond;
  const ends = arrivals.map(({ ms }, index) => (index * 1000) / perSecond + ms);
  return Math.max(0, Math.max(...ends) - lastDueMs) / 1000;
}
