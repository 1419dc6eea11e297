import { expect, test } from 'vitest';
import { readFlags } from './flags.ts';

test('one benchmark is named; a hundred environments are the default, one job and forty, 500 creations, and fifty sandboxes', () => {
  expect(readFlags(['environments'])).toMatchObject({ name: 'environments', counts: [100], json: undefined });
  expect(readFlags(['jobs'])).toMatchObject({ name: 'jobs', counts: [1, 40], json: undefined });
  expect(readFlags(['pr-jobs'])).toMatchObject({ name: 'pr-jobs', counts: [500], json: undefined });
  expect(readFlags(['sandboxes'])).toMatchObject({ name: 'sandboxes', counts: [50], json: undefined });
});

test('several counts are several runs', () => {
  expect(readFlags(['environments', '--count', '10,50', '--json', 'a.json'])).toMatchObject({
    counts: [10, 50],
    json: 'a.json',
  });
});

test.each([
  [[], 'nothing'],
  [['boxes'], 'boxes'],
  [['toString'], 'toString'],
  [['environments', 'jobs'], 'environments jobs'],
  [['environments', '--count', '0'], '--count'],
  [['environments', '--count', 'ten'], '--count'],
  [['environments', '--speed'], '--speed'],
])('%j is refused, and the answer names what is wrong', (args, named) => {
  expect(readFlags(args)).toContain(named);
});
