import { expect, test, vi } from 'vitest';
import { createAnswers } from './answers.ts';

const setUp = (most = 10) => {
  const clock = { now: 0 };
  const answers = createAnswers<string>({
    most,
    keepMs: (answer) => (answer === 'no' ? 10 : 100),
    now: () => clock.now,
  });
  return { answers, clock, ask: vi.fn<() => Promise<string>>() };
};

test('an answer is good for as long as it is said to be', async () => {
  const { answers, clock, ask } = setUp();
  ask.mockResolvedValueOnce('yes').mockResolvedValueOnce('no').mockResolvedValueOnce('yes again');
  expect(await answers('a', ask)).toBe('yes');
  clock.now = 99;
  expect(await answers('a', ask)).toBe('yes');
  clock.now = 100;
  expect(await answers('a', ask)).toBe('no');
  clock.now = 110;
  expect(await answers('a', ask)).toBe('yes again');
  expect(ask).toHaveBeenCalledTimes(3);
});

test('whoever asks for what is being asked waits for the same answer', async () => {
  const { answers, ask } = setUp();
  const asked = Promise.withResolvers<string>();
  ask.mockReturnValueOnce(asked.promise);
  const both = Promise.all([answers('a', ask), answers('a', ask)]);
  asked.resolve('yes');
  expect(await both).toEqual(['yes', 'yes']);
  expect(ask).toHaveBeenCalledTimes(1);
});

test('a failure is not kept', async () => {
  const { answers, ask } = setUp();
  ask.mockRejectedValueOnce(new Error('away')).mockResolvedValueOnce('yes');
  await expect(answers('a', ask)).rejects.toThrow('away');
  expect(await answers('a', ask)).toBe('yes');
});

test('what was used longest ago makes room, so that memory has an end', async () => {
  const { answers, ask } = setUp(2);
  ask.mockResolvedValue('yes');
  await answers('a', ask);
  await answers('b', ask);
  await answers('a', ask);
  await answers('c', ask);
  expect(ask).toHaveBeenCalledTimes(3);
  await answers('a', ask);
  expect(ask).toHaveBeenCalledTimes(3);
  await answers('b', ask);
  expect(ask).toHaveBeenCalledTimes(4);
});
