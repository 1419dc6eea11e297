import { expect, test } from 'vitest';
import { jobRequest } from './job-request.ts';

const now = { nowMs: 1_767_225_600_000, random: 'random' };
const plain = { name: 'a', idempotencyKey: undefined };

test('without a key the name is of the clock, and a name that is taken makes room for the next millisecond', () => {
  const asked = jobRequest(plain, {}, now);
  expect(asked).toMatchObject({ request: 'random', isOwn: true });
  expect(asked.jobNames.slice(0, 2)).toEqual(['pr-job-a-1767225600000', 'pr-job-a-1767225600001']);
  expect(asked.jobNames).toHaveLength(50);
});

test('with a key it is of the key alone: one name, whenever it is asked for', () => {
  const first = jobRequest({ name: 'a', idempotencyKey: 'run-7' }, {}, now);
  expect(first).toEqual(jobRequest({ name: 'a', idempotencyKey: 'run-7' }, {}, { nowMs: 1, random: 'other' }));
  expect(first.isOwn).toBe(false);
  expect(first.request).toMatch(/^[0-9a-f]{64}$/);
  expect(first.jobNames).toEqual([expect.stringMatching(/^pr-job-a-[1-9]\d{12}$/)]);
  expect(jobRequest({ name: 'a', idempotencyKey: 'run-8' }, {}, now).jobNames).not.toEqual(first.jobNames);
});

test('a thousand keys make a thousand names of 13 digits', () => {
  const names = Array.from(
    { length: 1_000 },
    (_, at) => jobRequest({ name: 'a', idempotencyKey: `k${at}` }, {}, now).jobNames[0],
  );
  expect(new Set(names).size).toBe(1_000);
  for (const name of names) expect(name).toMatch(/^pr-job-a-[1-9]\d{12}$/);
});

test('a name and a request that the caller has reserved are taken as they are', () => {
  const reserved = { jobName: 'pr-job-a-0000000000007', request: 'mine' };
  expect(jobRequest(plain, reserved, now)).toEqual({ request: 'mine', isOwn: false, jobNames: [reserved.jobName] });
});

test.each(['pr-job-b-1767225600000', 'pr-job-a-b-1767225600000', 'pr-job-a-17672256000001', 'a'])(
  'the name %s is no Job of a',
  (jobName) => {
    expect(() => jobRequest(plain, { jobName }, now)).toThrow(expect.objectContaining({ code: 'pr_job.invalid' }));
  },
);
