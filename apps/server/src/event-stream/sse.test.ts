import { expect, test } from 'vitest';
import { eventText } from './sse.ts';

test('an event is its id, its name and its data on one line each, and an empty line', () => {
  expect(eventText({ event: 'log', data: { line: 'hello' }, id: 'x:1' })).toBe(
    'id: x:1\nevent: log\ndata: {"line":"hello"}\n\n',
  );
  expect(eventText({ event: 'end', data: { reason: 'finished' } })).toBe('event: end\ndata: {"reason":"finished"}\n\n');
});

test('what a job writes can neither end an event, nor begin one, nor speak to a terminal', () => {
  const line = 'a\n\nevent: end\r\ndata: {}\n\n\u001b[2J\u009b2J\u2028\u0000';
  const text = eventText({ event: 'log', data: { line } });
  expect(text.split('\n')).toHaveLength(4);
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028]/);
  expect(JSON.parse(text.split('\n')[1]?.slice('data: '.length) ?? '')).toEqual({ line });
});
