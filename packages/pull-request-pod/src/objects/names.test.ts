import { expect, test } from 'vitest';
import { isJobNameOf, jobNameAt, longestName, prJobNames, repositorySecretName } from './names.ts';

test('objects are called as the documentation says', () => {
  expect(prJobNames('pr-12')).toEqual({
    serviceAccount: 'pr-12-buildx-sa',
    role: 'pr-12-buildx-role',
    roleBinding: 'pr-12-buildx-rolebinding',
  });
  expect(jobNameAt('pr-123-build', 1_640_995_200_000)).toBe('pr-job-pr-123-build-1640995200000');
  expect(repositorySecretName('pr-job-a-1640995200000')).toBe('pr-job-a-1640995200000-repository');
});

test('the longest name makes a Job name of 63 characters, whatever the time is', () => {
  expect(longestName).toBe(42);
  for (const ms of [0, 1, Date.UTC(2026, 0), 9_999_999_999_999])
    expect(jobNameAt('a'.repeat(longestName), ms)).toHaveLength(63);
});

test.each([
  ['pr-job-a-1640995200000', true],
  ['pr-job-a-b-1640995200000', false],
  ['pr-job-a-164099520000', false],
  ['pr-job-a-16409952000000', false],
  ['pr-job-a-1640995200000-config', false],
  ['pr-job-a', false],
  ['pr-job-b-1640995200000', false],
  ['x-pr-job-a-1640995200000', false],
])('whether %s is a Job of a: %s', (text, expected) => {
  expect(isJobNameOf('a', text)).toBe(expected);
});
