import { expect, test } from 'vitest';
import { eventLine } from './event-line.ts';

test('hands over one event at a time, in order, and says when one is taken', async () => {
  const happened: string[] = [];
  const gates = new Map(['a', 'b'].map((name) => [name, Promise.withResolvers<void>()]));
  const events = eventLine<string>(
    async (event) => {
      happened.push(`${event} begins`);
      await gates.get(event)?.promise;
      happened.push(`${event} ends`);
    },
    () => happened.push('failed'),
  );
  const taken = [events.deliver('a'), events.deliver('b')];
  gates.get('b')?.resolve();
  gates.get('a')?.resolve();
  await taken[1];
  expect(happened).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a receiver that throws is told once and gets no more', async () => {
  const got: string[] = [];
  const failures: unknown[] = [];
  const events = eventLine<string>(
    (event) => {
      got.push(event);
      throw new Error('no');
    },
    (error) => failures.push(error),
  );
  void events.deliver('a');
  await events.deliver('b');
  await events.taken();
  expect(got).toEqual(['a']);
  expect(failures).toHaveLength(1);
});

test('a receiver gets nothing after the line is closed, not even what waits', async () => {
  const got: string[] = [];
  const events = eventLine<string>(
    (event) => {
      got.push(event);
      events.close();
    },
    () => {},
  );
  void events.deliver('a');
  await events.deliver('b');
  await events.deliver('c');
  expect(got).toEqual(['a']);
});
