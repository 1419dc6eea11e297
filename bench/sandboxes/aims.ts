import { percentile, type Figure } from '../figures.ts';
import type { Crowd, Crowds } from './at-once.ts';
import type { Start, Starts } from './cold.ts';
import type { HandlesMemory } from './handles.ts';
import type { Transfers } from './transfer.ts';
import type { WarmCommands } from './warm.ts';

const coldRatio = 1.15;
const warmMs = 5;
const transferRatio = 1;
const kibibyte = 1024;
const mebibyte = 1024 * 1024;
const median = (values: readonly number[]): number => percentile(values, 50);

/** Whether a measured ratio meets an aim, with the words for both. Pure. */
function against(name: string, value: number, { unit, limit, most, of }: Aim): Figure {
  const ratio = value / limit;
  return { name, value, unit, ratio, goal: `≤ ${most} × ${of}`, ok: ratio <= most };
}

interface Aim {
  readonly unit: string;
  readonly limit: number;
  readonly most: number;
  /** What the limit is. */
  readonly of: string;
}

/**
 * From the first call until ready, and until the result of a first command, one after another. The aim is for the result beside that of a
 * bare pod as most are, with the token of its account. Pure.
 */
export function coldFigures(starts: Starts): readonly Figure[] {
  const ms = (way: keyof Starts, what: keyof Start, percent = 50): number =>
    percentile(
      starts[way].map((start) => start[what]),
      percent,
    );
  const figures = (way: keyof Starts, ready: string): readonly Figure[] =>
    starts[way].length === 0
      ? []
      : [
          { name: `sandboxes.cold.${way}_${ready}_p50`, value: ms(way, 'readyMs'), unit: 'ms' },
          { name: `sandboxes.cold.${way}_${ready}_p90`, value: ms(way, 'readyMs', 90), unit: 'ms' },
          { name: `sandboxes.cold.${way}_result_p50`, value: ms(way, 'resultMs'), unit: 'ms' },
          { name: `sandboxes.cold.${way}_result_p90`, value: ms(way, 'resultMs', 90), unit: 'ms' },
        ];
  const result = ms('sandbox', 'resultMs');
  const ratioTo = (name: string, way: keyof Starts, what: keyof Start): readonly Figure[] =>
    starts[way].length === 0
      ? []
      : [{ name: `sandboxes.cold.${name}`, value: result, unit: 'ms', ratio: result / ms(way, what) }];
  return [
    ...figures('pod', 'ready'),
    ...figures('pod_without_volumes', 'ready'),
    ...figures('peer', 'ready'),
    ...figures('sandbox', 'connected'),
    against('sandboxes.cold.result_beside_pod', result, {
      unit: 'ms',
      limit: ms('pod', 'resultMs'),
      most: coldRatio,
      of: 'pod',
    }),
    ...ratioTo('result_beside_pod_without_volumes', 'pod_without_volumes', 'resultMs'),
    ...ratioTo('result_beside_peer', 'peer', 'resultMs'),
    ...ratioTo('result_beside_peer_ready', 'peer', 'readyMs'),
  ];
}

/** One command in a sandbox that is there, by each way in. Pure. */
export function warmFigures({ run, exec, kubectl }: WarmCommands): readonly Figure[] {
  const both = (name: string, values: readonly number[]): readonly Figure[] =>
    [50, 90].map((percent) => ({
      name: `sandboxes.command.${name}_p${percent}`,
      value: percentile(values, percent),
      unit: 'ms',
    }));
  const p50 = median(run);
  return [
    ...both('kubectl_exec', kubectl),
    ...both('websocket_exec', exec),
    {
      name: 'sandboxes.command.run_p50',
      value: p50,
      unit: 'ms',
      ratio: p50 / median(exec),
      goal: `≤ ${warmMs} ms`,
      ok: p50 <= warmMs,
    },
    { name: 'sandboxes.command.run_p90', value: percentile(run, 90), unit: 'ms' },
  ];
}

/** So many at once, by medians; the ratios are to bare pods. Pure. */
export function atOnceFigures(count: number, { pods, sandboxes }: Crowds): readonly Figure[] {
  const of = (what: keyof Crowd, name: string): readonly Figure[] => {
    const [raw, ours] = [pods, sandboxes].map((crowds) => median(crowds.map((crowd) => crowd[what])) / 1000) as [
      number,
      number,
    ];
    return [
      { name: `sandboxes.${count}.pods_${name}`, value: raw, unit: 's' },
      { name: `sandboxes.${count}.${name}`, value: ours, unit: 's', ratio: ours / raw },
    ];
  };
  return [...of('resultMs', 'all_results'), ...of('goneMs', 'all_gone')];
}

/** Pure. */
export function transferFigures({ sandbox, kubectl }: Transfers, bytes: number): readonly Figure[] {
  return (['upload', 'download'] as const).flatMap((way) => {
    const limit = median(kubectl[way]) / 1000;
    const name = `sandboxes.${way}_${bytes / 1_000_000}_mb`;
    return [
      { name: `${name}.kubectl_cp`, value: limit, unit: 's' },
      against(`${name}.files`, median(sandbox[way]) / 1000, {
        unit: 's',
        limit,
        most: transferRatio,
        of: 'kubectl cp',
      }),
    ];
  });
}

/** What handles cost this process, by state; those with a stream are of the first wave alone. Pure. */
export function handlesFigures({ handles, wave, before, connected, open, idle }: HandlesMemory): readonly Figure[] {
  const name = (what: string): string => `sandboxes.handles.${what}`;
  const each = (bytes: number, count: number): number => bytes / count / kibibyte;
  return [
    { name: name('connected_each'), value: each(connected.heldBytes - before.heldBytes, handles), unit: 'KiB' },
    { name: name('with_stream_each'), value: each(open.heldBytes - connected.heldBytes, wave), unit: 'KiB' },
    { name: name('idle_each'), value: each(idle.heldBytes - before.heldBytes, handles), unit: 'KiB' },
    { name: name(`${handles}_idle_rss_more`), value: (idle.rssBytes - before.rssBytes) / mebibyte, unit: 'MiB' },
    { name: name(`${handles}_idle_rss`), value: idle.rssBytes / mebibyte, unit: 'MiB' },
  ];
}
