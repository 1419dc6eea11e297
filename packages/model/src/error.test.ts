import { expect, test } from 'vitest';
import { defineError, EphemeraError, messageOf } from './error.ts';

const Full = defineError<{ shelf: string; missing: number }>({
  code: 'library.full',
  retryable: true,
  message: ({ shelf, missing }) => `Shelf ${shelf} lacks ${missing} places.`,
  hint: ({ missing }) => `Take ${missing} books away.`,
});
const Closed = defineError<{ day: string }>({
  code: 'library.closed',
  retryable: false,
  message: ({ day }) => `Closed on ${day}.`,
  hint: 'Come another day.',
});
const Lost = defineError<object>({ code: 'library.lost', retryable: false, message: () => 'Lost.' });

test('an error has its code, sentence, hint, details and whether trying again helps', () => {
  expect(new Full({ shelf: 'A', missing: 2 })).toMatchObject({
    name: 'EphemeraError',
    message: 'Shelf A lacks 2 places.',
    code: 'library.full',
    hint: 'Take 2 books away.',
    retryable: true,
    details: { shelf: 'A', missing: 2 },
  });
});

test('a hint is a sentence, a sentence made of the details, or absent', () => {
  expect(new Closed({ day: 'Sunday' }).hint).toBe('Come another day.');
  expect(new Full({ shelf: 'A', missing: 7 }).hint).toBe('Take 7 books away.');
  expect(new Lost({}).hint).toBeUndefined();
});

test('an error is an instance of its own class, of EphemeraError and of Error, and of no other', () => {
  const error: unknown = new Closed({ day: 'Sunday' });
  expect(error).toBeInstanceOf(Closed);
  expect(error).toBeInstanceOf(EphemeraError);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(Full);
});

test('the class knows its code without being made', () => {
  expect([Full.code, Closed.code]).toEqual(['library.full', 'library.closed']);
});

test('the cause is kept, and absent where none was given', () => {
  const cause = new Error('water');
  expect(new Lost({}, { cause }).cause).toBe(cause);
  expect(new Lost({})).not.toHaveProperty('cause');
});

test('the details are a copy: changing what was given changes nothing', () => {
  const given = { day: 'Sunday' };
  const error = new Closed(given);
  given.day = 'Monday';
  expect(error.details).toEqual({ day: 'Sunday' });
});

test('the stack begins where the error was made', () => {
  expect(new Lost({}).stack).toMatch(/Lost\.\n\s+at .*error\.test\.ts/);
});

test.each([
  [new Closed({ day: 'Sunday' }), 'Closed on Sunday.'],
  [new TypeError('odd'), 'odd'],
  ['a text', 'a text'],
  [7, '7'],
  [undefined, 'undefined'],
  [null, 'null'],
])('the text of the thrown %s is %j', (thrown, text) => {
  expect(messageOf(thrown)).toBe(text);
});
