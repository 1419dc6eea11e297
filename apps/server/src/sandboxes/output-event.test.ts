import { expect, test } from 'vitest';
import { cutCharacter, outputEvents, positionOf } from './output-event.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const start = { stdout: 0, stderr: 0 };

test('text comes as text, and each event says where a reader goes on after it', () => {
  const events = outputEvents(start);
  expect(events.take('stdout', bytes('hello\n'), 0)).toEqual([
    { event: 'stdout', data: { offset: 0, text: 'hello\n' }, id: '6-0' },
  ]);
  expect(events.take('stderr', bytes('oh'), 0)).toEqual([
    { event: 'stderr', data: { offset: 0, text: 'oh' }, id: '6-2' },
  ]);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('a character is never split, wherever a piece ends (after byte %i)', (cut) => {
  const whole = bytes('aé€😀');
  const events = outputEvents(start);
  const told = [
    ...events.take('stdout', whole.subarray(0, cut), 0),
    ...events.take('stdout', whole.subarray(cut), cut),
    ...events.rest(),
  ];
  const text = told.map(({ data }) => (data as { text?: string }).text ?? '<no text>').join('');
  expect(text).toBe('aé€😀');
  expect(told.at(-1)?.id).toBe('10-0');
});

test('what is held back is not counted as read', () => {
  const events = outputEvents(start);
  const [first] = events.take('stdout', bytes('a€').subarray(0, 3), 0);
  expect(first).toEqual({ event: 'stdout', data: { offset: 0, text: 'a' }, id: '1-0' });
});

test('what is no text comes byte for byte', () => {
  const events = outputEvents(start);
  const binary = Uint8Array.of(0xff, 0, 0x80, 0xc0, 0x41);
  const [event] = events.take('stdout', binary, 0);
  expect(event?.data).toEqual({ offset: 0, base64: Buffer.from(binary).toString('base64') });
});

test('a character that never becomes whole is not lost', () => {
  const events = outputEvents(start);
  expect(events.take('stderr', Uint8Array.of(0xe2, 0x82), 0)).toEqual([]);
  expect(events.rest()).toEqual([
    { event: 'stderr', data: { offset: 0, base64: Buffer.from([0xe2, 0x82]).toString('base64') }, id: '0-2' },
  ]);
  expect(events.rest()).toEqual([]);
});

test('after a gap the offset is that of the bytes', () => {
  const events = outputEvents({ stdout: 10, stderr: 0 });
  expect(events.take('stdout', bytes('x'), 100)).toEqual([
    { event: 'stdout', data: { offset: 100, text: 'x' }, id: '101-0' },
  ]);
});

test.each([
  [Uint8Array.of(0x41), 0],
  [Uint8Array.of(0xc3), 1],
  [Uint8Array.of(0xe2, 0x82), 2],
  [Uint8Array.of(0xf0, 0x9f, 0x98), 3],
  [bytes('😀'), 0],
  // Four that only go on begin nothing.
  [Uint8Array.of(0x80, 0x80, 0x80, 0x80), 0],
  [Uint8Array.of(0xff), 0],
  [new Uint8Array(), 0],
])('of %j the last %i bytes begin a character', (all, cut) => {
  expect(cutCharacter(all)).toBe(cut);
});

test.each([
  ['12-7', { stdout: 12, stderr: 7 }],
  ['12', undefined],
  ['-1-2', undefined],
  ['9999999999999999-1', undefined],
  ['1-2\nevent: exit', undefined],
  [undefined, undefined],
])('the id %j means %j', (id, position) => {
  expect(positionOf(id)).toEqual(position);
});
