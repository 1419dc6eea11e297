import { expect, test } from 'vitest';
import { readFlags } from './flags.ts';

test('one benchmark is named, and a hundred environments are the default', () => {
  expect(readFlags(['environments'])).toMatchObject({ counts: [100], json: undefined });
});

test('several counts are several runs', () => {
  expect(readFlags(['environments', '--count', '10,50', '--json', 'a.json'])).toMatchObject({
    counts: [10, 50],
    json: 'a.json',
  });
});

test.each([
  [[], 'nothing'],
  [['sandboxes'], 'sandboxes'],
  [['environments', '--count', '0'], '--count'],
  [['environments', '--count', 'ten'], '--count'],
  [['environments', '--speed'], '--speed'],
])('%j is refused, and the answer names what is wrong', (args, named) => {
  expect(readFlags(args)).toContain(named);
});
