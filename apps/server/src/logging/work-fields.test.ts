import { expect, test } from 'vitest';
import { workFields } from './work-fields.ts';

test.each([
  ['environment', '7', { environment: 7 }],
  ['pull-request', '42/12', { repositoryId: 42, pr: 12 }],
  ['report', '42/12', { repositoryId: 42, pr: 12 }],
  ['repository', '42', { repositoryId: 42 }],
  ['installation', '5', { installation: 5 }],
  ['sweep', 'scheduled', {}],
  ['report', 'odd', {}],
] as const)('work of kind %s with the key %s is about %j', (kind, key, about) => {
  expect(workFields(kind, key)).toEqual({ work: kind, key, ...about });
});
