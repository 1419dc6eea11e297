import { expect, test } from 'vitest';
import { describeMetrics } from './metrics.ts';

/** Each of these has few values: kinds, actions, states and codes of ours, and the ids of installations that wrote within the hour. */
const bounded = ['kind', 'action', 'state', 'status', 'outcome', 'code', 'pass', 'window', 'installation', 'le'];

test('no label holds a repository, a pull request, a branch or a text', () => {
  const labels = describeMetrics().flatMap((metric) => metric.labels);
  expect(labels.filter((label) => !bounded.includes(label))).toEqual([]);
});

test('every metric says what it is, carries our prefix, and its unit where it has one', () => {
  for (const { name, help, type } of describeMetrics()) {
    expect(name).toMatch(/^ephemera_[a-z_]+$/);
    expect(help.length).toBeGreaterThan(10);
    if (type === 'counter') expect(name).toMatch(/_total$/);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});
