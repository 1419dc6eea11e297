import { expect, test } from 'vitest';
import { whatIsLeft } from './what-is-left.ts';

const pod = (name: string, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', ...metadata },
});

test('names what is left, what holds it and until when it may take', () => {
  const held = pod('a', { finalizers: ['example.com/one', 'two'], deletionTimestamp: '2026-01-01T00:00:30Z' });
  expect(whatIsLeft([held, pod('b')])).toBe(
    'Pod a in shop (to be gone by 2026-01-01T00:00:30Z, held by example.com/one and two), Pod b in shop still there.',
  );
});

test('names five of many', () => {
  const text = whatIsLeft(Array.from({ length: 8 }, (_, index) => pod(`p${index}`)));
  expect(text).toMatch(/^Pod p0 in shop, .*Pod p4 in shop and 3 more still there\.$/);
});
