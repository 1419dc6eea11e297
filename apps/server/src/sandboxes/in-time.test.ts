import { expect, test } from 'vitest';
import { inTime } from './in-time.ts';

test('what is answered in time is the answer, and a failure the failure', async () => {
  expect(await inTime(Promise.resolve(7))).toBe(7);
  await expect(inTime(Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('what is not answered in time is a typed refusal that can be repeated', async () => {
  await expect(inTime(new Promise(() => {}), 5)).rejects.toMatchObject({ code: 'sandbox.no_answer', retryable: true });
});
