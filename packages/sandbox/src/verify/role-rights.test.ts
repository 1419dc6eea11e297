import { expect, test } from 'vitest';
import { compareRules } from './role-rights.ts';

const wanted = [
  { group: 'batch', resource: 'jobs', verbs: ['create', 'get'], because: '' },
  { group: '', resource: 'pods/exec', verbs: ['create'], because: '' },
];
const jobs = { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get'] };
const exec = { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] };

test('the same rights are the same, however they are grouped and ordered', () => {
  const split = [exec, { ...jobs, verbs: ['get'] }, { ...jobs, verbs: ['create'] }];
  expect(compareRules(split, wanted)).toEqual({ missing: [], extra: [] });
});

test.each([
  ['a verb too few', [{ ...jobs, verbs: ['get'] }, exec], { missing: ['create jobs of batch'], extra: [] }],
  ['a rule too few', [jobs], { missing: ['create pods/exec'], extra: [] }],
  ['a verb too many', [jobs, { ...exec, verbs: ['create', 'get'] }], { missing: [], extra: ['get pods/exec'] }],
  [
    'another group',
    [{ ...jobs, apiGroups: ['apps'] }, exec],
    {
      missing: ['create jobs of batch', 'get jobs of batch'],
      extra: ['create jobs of apps', 'get jobs of apps'],
    },
  ],
  [
    'single objects instead of all',
    [jobs, { ...exec, resourceNames: ['one'] }],
    { missing: ['create pods/exec'], extra: ['create pods/exec (only one)'] },
  ],
  [
    'everything',
    [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    { missing: ['create jobs of batch', 'get jobs of batch', 'create pods/exec'], extra: ['* * of *'] },
  ],
  ['a path', [jobs, exec, { nonResourceURLs: ['/metrics'], verbs: ['get'] }], { missing: [], extra: ['get /metrics'] }],
])('%s is a difference', (_what, found, difference) => {
  expect(compareRules(found, wanted)).toEqual(difference);
});
