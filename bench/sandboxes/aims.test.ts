import { expect, test } from 'vitest';
import { atOnceFigures, coldFigures, handlesFigures, transferFigures, warmFigures } from './aims.ts';

const named = (name: string, more: object) => expect.objectContaining({ name: `sandboxes.${name}`, ...more });
const starts = (readyMs: number, resultMs: number) => [{ readyMs, resultMs }];

test('the first result of a sandbox is held against readiness and one kubectl exec of a bare pod with its token', () => {
  const cold = (result: number) =>
    coldFigures({
      pod: starts(700, 1000),
      pod_without_volumes: starts(600, 800),
      sandbox: starts(900, result),
      peer: starts(500, 750),
    });
  expect(cold(1150)).toContainEqual(named('cold.result_beside_pod', { value: 1150, ratio: 1.15, ok: true }));
  expect(cold(1160)).toContainEqual(named('cold.result_beside_pod', { ok: false }));
  expect(cold(1200)).toContainEqual(named('cold.result_beside_pod_without_volumes', { ratio: 1.5 }));
  expect(cold(1000)).toContainEqual(named('cold.result_beside_peer_ready', { ratio: 2 }));
  expect(cold(1500)).toContainEqual(named('cold.result_beside_peer', { ratio: 2 }));
  expect(cold(1000)).toContainEqual(named('cold.sandbox_connected_p50', { value: 900 }));
});

test('where the peer was not measured, nothing is said of it', () => {
  const figures = coldFigures({
    pod: starts(700, 1000),
    pod_without_volumes: starts(600, 800),
    sandbox: starts(900, 1000),
    peer: [],
  });
  expect(figures.filter(({ name }) => name.includes('peer'))).toEqual([]);
  expect(figures.every(({ value }) => Number.isFinite(value))).toBe(true);
});

test('half of the commands on a kept stream take 5 ms at most', () => {
  const warm = (run: readonly number[]) => warmFigures({ run, exec: [40, 40, 50], kubectl: [120, 130, 180] });
  expect(warm([1, 5, 90])).toContainEqual(named('command.run_p50', { value: 5, ratio: 0.125, ok: true }));
  expect(warm([1, 6, 90])).toContainEqual(named('command.run_p50', { value: 6, ok: false }));
  expect(warm([1, 6, 90])).toContainEqual(named('command.run_p90', { value: 90 }));
  expect(warm([1])).toContainEqual(named('command.kubectl_exec_p50', { value: 130 }));
});

test('many at once are told beside as many bare pods, with their results and with their end', () => {
  const figures = atOnceFigures(50, {
    pods: [{ resultMs: 20_000, goneMs: 10_000 }],
    sandboxes: [{ resultMs: 30_000, goneMs: 15_000 }],
  });
  expect(figures).toContainEqual(named('50.pods_all_results', { value: 20 }));
  expect(figures).toContainEqual(named('50.all_results', { value: 30, ratio: 1.5 }));
  expect(figures).toContainEqual(named('50.all_gone', { value: 15, ratio: 1.5 }));
});

test('files take no longer than kubectl cp in either direction', () => {
  const figures = transferFigures(
    { sandbox: { upload: [1000], download: [2100] }, kubectl: { upload: [1000], download: [2000] } },
    100_000_000,
  );
  expect(figures).toContainEqual(named('upload_100_mb.files', { value: 1, ratio: 1, ok: true }));
  expect(figures).toContainEqual(named('download_100_mb.files', { ratio: 1.05, ok: false }));
});

test('the memory of handles is told for each, whether or not it has a stream', () => {
  const memory = (heldKibibytes: number, rssMebibytes: number) => ({
    heldBytes: heldKibibytes * 1024,
    rssBytes: rssMebibytes * 1024 * 1024,
  });
  const figures = handlesFigures({
    handles: 1000,
    wave: 100,
    before: memory(10_000, 80),
    connected: memory(20_000, 90),
    open: memory(25_000, 100),
    idle: memory(22_000, 95),
  });
  expect(figures).toContainEqual(named('handles.connected_each', { value: 10 }));
  expect(figures).toContainEqual(named('handles.with_stream_each', { value: 50 }));
  expect(figures).toContainEqual(named('handles.idle_each', { value: 12, unit: 'KiB' }));
  expect(figures).toContainEqual(named('handles.1000_idle_rss_more', { value: 15, unit: 'MiB' }));
});
