import { expect, test } from 'vitest';
import { logPosition, type LogPosition } from './log-position.ts';

const pods = { first: 'pr-job-shop-1700000000000-x7k2p', second: 'pr-job-shop-1700000000000-9fj3a' };

/** A line of the first pod; its text is its time, in tenths of a second. */
interface Line {
  readonly pod: string;
  readonly at?: { readonly second: number; readonly nanosecond: number };
}
const line = (tenths: number, pod = pods.first): Line => ({
  pod,
  at: { second: 1_700_000_000 + Math.floor(tenths / 10), nanosecond: (tenths % 10) * 100_000_000 },
});
/** What follows the first part of a line that is very long. */
const rest: Line = { pod: pods.first };

function taken(position: LogPosition, lines: readonly Line[]): (string | undefined)[] {
  return lines.map((one) => position.take(one)?.id);
}

/** Which of these lines a reader gets that comes back after each of them. */
function afterEach(lines: readonly Line[], now: readonly Line[]): readonly Line[][] {
  return taken(logPosition(), lines).map((id) => {
    const position = logPosition(id);
    return now.filter((one) => position.take(one));
  });
}

test('a line’s id says how far each pod was read, and no two are the same', () => {
  const position = logPosition();
  const ids = taken(position, [line(1), line(1), line(13), line(2, pods.second), line(25)]);
  expect(ids[0]).toMatch(/^x7k2p:[a-z0-9]{13}$/);
  expect(ids[1]).toBe(`${ids[0]}.1`);
  expect(ids[4]).toMatch(/^x7k2p:[a-z0-9]{13},9fj3a:[a-z0-9]{13}$/);
  expect(new Set(ids).size).toBe(5);
});

test.each<[string, readonly Line[]]>([
  ['come one after the other', [line(1), line(2), line(13), line(205)]],
  ['have one time', [line(1), line(1), line(1), line(2)]],
  ['cross between standard output and standard error', [line(3), line(1), line(2), line(4), line(4), line(3)]],
  ['are parts of one', [line(1), rest, rest, line(2), rest]],
])('a reader that comes back gets what it does not have and nothing else, where lines %s', (_what, lines) => {
  expect(afterEach(lines, lines)).toEqual(lines.map((_line, index) => lines.slice(index + 1)));
});

test('each pod is gone on with for itself', () => {
  const [, id] = taken(logPosition(), [line(5), line(7, pods.second)]);
  const position = logPosition(id);
  expect(taken(position, [line(5), line(7, pods.second)])).toEqual([undefined, undefined]);
  expect(position.take(line(6))?.isAfterGap).toBe(false);
  expect(position.take(line(8, pods.second))?.id).toMatch(/^x7k2p:[a-z0-9]{13},9fj3a:[a-z0-9]{13}$/);
});

test('a log that the node has exchanged begins later: what the reader has of it is left out, and nothing that is new', () => {
  const lines = [1, 2, 3, 4, 5, 6].map((tenths) => line(tenths));
  const [, , , id] = taken(logPosition(), lines.slice(0, 4));
  const position = logPosition(id);
  expect(lines.slice(2).filter((one) => position.take(one))).toEqual([line(5), line(6)]);
});

test('where the last line that the reader has is no longer kept, the first one that comes says that some are missing', () => {
  const [id] = taken(logPosition(), [line(1)]);
  const position = logPosition(id);
  expect([line(5), line(6)].map((one) => position.take(one)?.isAfterGap)).toEqual([true, false]);
});

test('a pod that is gone stays in the id, so that nothing of it is sent again should it come back', () => {
  const gone = 'aaaaa:0s44we80000zz.3';
  expect(logPosition(gone).take(line(1))?.id).toMatch(/^aaaaa:0s44we80000zz\.3,x7k2p:[a-z0-9]{13}$/);
});

test('of very many pods the id has those that came last', () => {
  const position = logPosition();
  const ids = Array.from({ length: 40 }, (_, number) => position.take(line(1, `a-p${number}`))?.id);
  expect(
    ids
      .at(-1)
      ?.split(',')
      .map((part) => part.split(':')[0]),
  ).toEqual(Array.from({ length: 32 }, (_, number) => `p${number + 8}`));
  expect(logPosition(ids.at(-1)).take(line(1, 'a-p39'))).toBeUndefined();
});

test.each(['', '17', 'x7k2p', 'x7k2p:', 'x7k2p:1', 'X:0s44we80000zz', 'a:0s44we80000zz;b:1', 'a:0s44we80000zz.', '\n'])(
  'an id that is none of ours, such as %j, leaves nothing out',
  (id) => {
    expect(logPosition(id).take(line(1))).toEqual({ id: logPosition().take(line(1))?.id, isAfterGap: false });
  },
);
