import { expect, test } from 'vitest';
import { initdbArguments } from './initialize.ts';

test('a data folder is on the disk before it is used, unless it need not last', () => {
  const made = { data: '/data', user: 'ephemera' };
  expect(initdbArguments({ ...made, durable: true })).not.toContain('--no-sync');
  expect(initdbArguments({ ...made, durable: false })).toContain('--no-sync');
});
