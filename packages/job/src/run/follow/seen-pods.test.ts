import type { Pod, PodStatus } from '@ephemera/model';
import { expect, test } from 'vitest';
import { seenPods } from './seen-pods.ts';

const pod = (name: string, phase?: NonNullable<PodStatus['phase']>): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name },
  spec: { containers: [] },
  ...(phase && { status: { phase } }),
});

test('tells each phase of a pod once', () => {
  const told: string[] = [];
  const pods = seenPods((name, phase) => told.push(`${name} ${phase}`));
  for (const phase of [undefined, 'Pending', 'Running', 'Running', 'Failed'] as const) pods.see(pod('a', phase));
  expect(told).toEqual(['a Pending', 'a Running', 'a Failed']);
});

test('remembers the last pods that are gone, and knows who is missing from a list', () => {
  const pods = seenPods(() => {});
  for (let index = 0; index < 30; index += 1) pods.see(pod(`p${index}`));
  expect(pods.notAmong([pod('p0')])).toHaveLength(29);
  for (let index = 0; index < 29; index += 1) pods.gone(pod(`p${index}`));
  pods.gone(pod('stranger'));
  const names = pods.all().map(({ metadata }) => metadata.name);
  expect(names).toHaveLength(21);
  expect(names.slice(-2)).toEqual(['p28', 'p29']);
});

test('an earlier state that comes after a later one changes nothing', () => {
  const told: string[] = [];
  const pods = seenPods((_, phase) => told.push(phase));
  const at = (version: string, phase: NonNullable<PodStatus['phase']>): Pod => {
    const seen = pod('a', phase);
    return { ...seen, metadata: { ...seen.metadata, resourceVersion: version } };
  };
  expect(pods.see(at('99', 'Pending'))).toBe(true);
  expect(pods.see(at('101', 'Succeeded'))).toBe(true);
  expect(pods.see(at('100', 'Running'))).toBe(false);
  expect(pods.all().map(({ status }) => status?.phase)).toEqual(['Succeeded']);
  expect(told).toEqual(['Pending', 'Succeeded']);
});
