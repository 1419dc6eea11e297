import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logCursor, type LogCursor } from './log-cursor.ts';

const at = (time: string, text: string) => `2026-01-01T00:00:${time}Z ${text}`;

/** One connection that brings these lines. */
function connect(cursor: LogCursor, ...lines: readonly string[]): string[] {
  cursor.begin();
  return lines.flatMap((line) => cursor.take(line)?.text ?? []);
}

test('the first connection begins at the start, the next at the second of the last line', () => {
  const cursor = logCursor();
  expect(cursor.sinceTime).toBeUndefined();
  connect(cursor, at('01.5', 'a'), at('02.999999999', 'b'));
  expect(cursor.sinceTime).toBe('2026-01-01T00:00:02Z');
});

test('lines of the same second come once, those after them come too', () => {
  const cursor = logCursor();
  expect(connect(cursor, at('01.1', 'a'), at('02.1', 'b'), at('02.2', 'c'))).toEqual(['a', 'b', 'c']);
  expect(connect(cursor, at('02.1', 'b'), at('02.2', 'c'), at('02.3', 'd'), at('03.1', 'e'))).toEqual(['d', 'e']);
  expect(connect(cursor, at('03.1', 'e'))).toEqual([]);
});

test('of lines with one stamp as many are passed over as were taken, equal text or not', () => {
  const cursor = logCursor();
  expect(connect(cursor, at('01.1', 'x'), at('01.1', 'x'))).toEqual(['x', 'x']);
  expect(connect(cursor, at('01.1', 'x'), at('01.1', 'x'), at('01.1', 'x'), at('01.1', 'y'))).toEqual(['x', 'y']);
});

test('a connection that brings nothing new, again and again, repeats nothing', () => {
  const cursor = logCursor();
  connect(cursor, at('01.1', 'a'));
  expect(connect(cursor)).toEqual([]);
  expect(connect(cursor, at('01.1', 'a'))).toEqual([]);
  expect(connect(cursor, at('01.1', 'a'), at('01.2', 'b'))).toEqual(['b']);
});

test('stamps that cross between standard output and standard error lose nothing', () => {
  const cursor = logCursor();
  expect(connect(cursor, at('01.2', 'out'), at('01.1', 'err'))).toEqual(['out', 'err']);
  expect(connect(cursor, at('01.2', 'out'), at('01.1', 'err'), at('01.3', 'next'))).toEqual(['next']);
  expect(connect(cursor, at('02.0', 'out'), at('01.9', 'err'))).toEqual(['out', 'err']);
});

test('a connection that brings more than was asked for repeats nothing', () => {
  const cursor = logCursor();
  connect(cursor, at('01.1', 'a'), at('02.1', 'b'));
  expect(connect(cursor, at('01.1', 'a'), at('02.1', 'b'), at('02.2', 'c'))).toEqual(['c']);
});

test('a line that was cut off comes to its end', () => {
  const cursor = logCursor();
  expect(connect(cursor, at('01.1', 'a'), at('01.2', 'half'))).toEqual(['a', 'half']);
  expect(connect(cursor, at('01.1', 'a'), at('01.2', 'half and half'), at('01.3', 'b'))).toEqual([' and half', 'b']);
  expect(connect(cursor, at('01.1', 'a'), at('01.2', 'half and half'), at('01.3', 'b'))).toEqual([]);
});

test('the rest of a long line has no stamp and goes with its beginning', () => {
  const cursor = logCursor();
  expect(connect(cursor, at('01.1', 'long'), 'rest', at('01.2', 'b'))).toEqual(['long', 'rest', 'b']);
  expect(connect(cursor, at('01.1', 'long'), 'rest', at('01.2', 'b'), at('01.3', 'c'))).toEqual(['c']);
});

test('what the node says in place of a log is no line of the container', () => {
  const cursor = logCursor();
  cursor.begin();
  expect(cursor.take('unable to retrieve container logs')).toEqual({
    type: 'notice',
    text: 'unable to retrieve container logs',
  });
});

test('a log that is read over any number of broken connections is the log', () => {
  const lines = fc
    .array(fc.record({ ms: fc.integer({ min: 0, max: 4_000 }), text: fc.constantFrom('a', 'b') }), { maxLength: 40 })
    .map((all) => all.toSorted((a, b) => a.ms - b.ms));
  fc.assert(
    fc.property(lines, fc.array(fc.nat(), { maxLength: 6 }), (log, cuts) => {
      const cursor = logCursor();
      const taken: string[] = [];
      // Each connection sends what the log has from the second that is asked for, and breaks off after so many lines.
      for (const cut of [...cuts, Infinity]) {
        const since = cursor.sinceTime === undefined ? 0 : Date.parse(cursor.sinceTime);
        const sent = log.filter(({ ms }) => ms >= since).slice(0, cut);
        taken.push(...connect(cursor, ...sent.map(({ ms, text }) => `${new Date(ms).toISOString()} ${text}`)));
      }
      expect(taken).toEqual(log.map(({ text }) => text));
    }),
  );
});

test('a line has the time of its stamp, also the rest of one that was cut off; what has no stamp has none', () => {
  const cursor = logCursor();
  const second = Date.UTC(2026, 0, 1) / 1000 + 1;
  cursor.begin();
  expect(cursor.take(at('01.25', 'half'))?.at).toEqual({ second, nanosecond: 250_000_000 });
  expect(cursor.take('and its next part')).toEqual({ type: 'line', text: 'and its next part' });
  cursor.begin();
  expect(cursor.take(at('01.25', 'half a line'))).toMatchObject({
    text: ' a line',
    at: { second, nanosecond: 250_000_000 },
  });
});
