import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtocolMismatch } from '../errors.ts';
import { type Answer, codeOf, dataType, decodeAnswer, encodeAnswer, problemOf } from './answer.ts';
import { type Frame, FrameDecoder } from './frame-decoder.ts';
import { MOST_FROM_RUNNER, MOST_TO_RUNNER } from './limits.ts';
import { decodeRequest, encodeRequest, type Request, requestParts } from './request.ts';

const u8 = fc.integer({ min: 0, max: 255 });
const u16 = fc.integer({ min: 0, max: 65_535 });
const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const u64 = fc.maxSafeNat();
const text = fc.string({ unit: 'binary' });
const texts = fc.array(text, { maxLength: 5 });
const bytes = fc.uint8Array({ maxLength: 300 });
const yesNo = fc.boolean();
const moment = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 });
const stream = fc.constantFrom('stdout', 'stderr');
const never = fc.option(u64, { nil: undefined });
const exitFlags = fc.record({ timedOut: yesNo, killed: yesNo, outOfMemory: yesNo, diskFull: yesNo });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

type Arbitraries<M extends { readonly kind: string }> = {
  readonly [K in M['kind']]: {
    readonly [F in Exclude<keyof Extract<M, { kind: K }>, 'kind'>]: fc.Arbitrary<Extract<M, { kind: K }>[F]>;
  };
};

const requests: Arbitraries<Request> = {
  hello: { version: u32 },
  ping: { token: exactly(8) },
  env: { env: texts },
  start: {
    id: text,
    flags: fc.record({ stdin: yesNo, terminal: yesNo }),
    timeoutMs: u32,
    graceMs: u32,
    rows: u16,
    columns: u16,
    cwd: text,
    argv: texts,
    env: texts,
  },
  attach: { id: text, fromStdout: u64, fromStderr: u64, window: u32, follow: yesNo },
  credit: { bytes: u32 },
  stdin: { id: text, offset: u64, data: bytes },
  stdinClose: { id: text, total: u64 },
  signal: { id: text, signal: u8, tree: yesNo },
  kill: { id: text, graceMs: u32 },
  commands: {},
  forget: { id: text },
  resize: { id: text, rows: u16, columns: u16 },
  stat: { path: bytes },
  list: { path: bytes, recursive: yesNo, window: u32 },
  read: { path: bytes, from: u64, most: never, window: u32 },
  write: { path: bytes, mode: u32 },
  chunk: { data: bytes },
  commit: { total: u64 },
  cancel: {},
  remove: { path: bytes },
  folder: { path: bytes, mode: u32 },
  link: { path: bytes, target: bytes },
  connect: { port: u16, window: u32 },
  portData: { data: bytes },
  portEnd: {},
  info: {},
  expire: { inMs: u64, idleMs: u32 },
  shutdown: { graceMs: u32 },
};

const answers: Arbitraries<Answer> = {
  hello: { version: u32, bootId: exactly(16), now: moment, uptimeMs: u64, expiresInMs: never },
  pong: { token: exactly(8) },
  started: { existed: yesNo, startedAt: moment, pid: u32 },
  out: { stream, offset: u64, data: bytes },
  lost: { stream, from: u64, to: u64 },
  exit: {
    ending: fc.constantFrom('exited', 'signal'),
    code: u32,
    flags: exitFlags,
    startedAt: moment,
    endedAt: moment,
    stdoutBytes: u64,
    stderrBytes: u64,
  },
  stdinAck: { taken: u64, closed: yesNo },
  done: { count: u32 },
  command: {
    id: text,
    state: fc.constantFrom('running', 'ended'),
    startedAt: moment,
    endedAt: moment,
    ending: fc.constantFrom('none', 'exited', 'signal'),
    code: u32,
    flags: exitFlags,
    argv: texts,
  },
  entry: {
    entry: fc.constantFrom('file', 'folder', 'link', 'other'),
    size: u64,
    mode: u32,
    modifiedAt: moment,
    version: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    path: bytes,
    target: bytes,
  },
  data: { data: bytes },
  ready: {},
  connected: {},
  credit: { bytes: u32 },
  portData: { data: bytes },
  portEnd: {},
  info: { figures: fc.array(fc.record({ name: text, value: u64 }), { maxLength: 5 }) },
  end: {},
  error: { code: u16, errno: u32, message: text },
};

function anyOf<M extends { readonly kind: string }>(kinds: Arbitraries<M>): fc.Arbitrary<M> {
  const records = Object.entries<object>(kinds).map(([kind, fields]) =>
    fc.record({ kind: fc.constant(kind), ...fields }),
  );
  return fc.oneof(...records) as unknown as fc.Arbitrary<M>;
}

function wholeOf(frames: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(frames));
}

/** Cut into pieces at the given places, empty pieces among them. */
function cut(whole: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (whole.byteLength + 1)), whole.byteLength].toSorted(
    (a, b) => a - b,
  );
  return sorted.slice(1).map((to, index) => whole.slice(sorted[index], to));
}

function framesOf(pieces: readonly Uint8Array[], most: number): Frame[] {
  const decoder = new FrameDecoder(most);
  const frames = pieces.flatMap((piece) => [...decoder.push(piece)]);
  expect(decoder.between).toBe(true);
  return frames;
}

type Shown = { readonly channel: number; readonly kind: string };

/** Data of one channel that stands side by side as one text. */
function joinedData(messages: readonly (readonly [number, Answer])[]): readonly Shown[] {
  const joined: Shown[] = [];
  for (const [channel, message] of messages) {
    if (message.kind !== 'data') joined.push({ channel, ...message });
    const last = joined.at(-1);
    const before =
      message.kind === 'data' && last?.kind === 'data' && last.channel === channel ? joined.pop() : undefined;
    const data = before && 'data' in before ? (before.data as Buffer) : Buffer.of();
    if (message.kind === 'data')
      joined.push({ channel, kind: 'data', data: Buffer.concat([data, message.data]) } as Shown);
  }
  return joined;
}

const channels = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const places = fc.array(fc.nat(10_000), { maxLength: 12 });

describe('what is written is what is read', () => {
  test('of every request, however the bytes are cut on their way', () => {
    const sent = fc.array(fc.tuple(channels, anyOf(requests)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sent, places, (messages, at) => {
        const whole = wholeOf(messages.map(([channel, message]) => encodeRequest(channel, message)));
        const frames = framesOf(cut(whole, at), MOST_TO_RUNNER);
        expect(frames.map(({ channel }) => channel)).toEqual(messages.map(([channel]) => channel));
        expect(frames.map((frame) => decodeRequest(frame))).toEqual(messages.map(([, message]) => message));
      }),
      { numRuns: 500 },
    );
  });

  test('of every answer, however the bytes are cut on their way', () => {
    const sent = fc.array(fc.tuple(channels, anyOf(answers)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sent, places, (messages, at) => {
        const whole = wholeOf(messages.map(([channel, message]) => encodeAnswer(channel, message)));
        const frames = framesOf(cut(whole, at), MOST_FROM_RUNNER);
        expect(frames.map(({ channel }) => channel)).toEqual(messages.map(([channel]) => channel));
        expect(frames.map((frame) => decodeAnswer(frame))).toEqual(messages.map(([, message]) => message));
      }),
      { numRuns: 500 },
    );
  });

  test('of data that comes in pieces, the pieces are all of it, and everything else is whole', () => {
    const data = fc.record({ kind: fc.constant('data' as const), data: bytes });
    const sent = fc.array(fc.tuple(channels, fc.oneof(data, anyOf(answers))), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sent, places, (messages, at) => {
        const whole = wholeOf(messages.map(([channel, message]) => encodeAnswer(channel, message)));
        const decoder = new FrameDecoder(MOST_FROM_RUNNER, [dataType]);
        const frames = cut(whole, at).flatMap((piece) => [...decoder.push(piece)]);
        expect(decoder.between).toBe(true);
        expect(joinedData(frames.map((frame) => [frame.channel, decodeAnswer(frame)]))).toEqual(joinedData(messages));
      }),
      { numRuns: 500 },
    );
  });

  test('in two parts of which the second is the data itself, where that is large', () => {
    for (const size of [0, 1, 32 * 1024 - 1, 32 * 1024, 300_000]) {
      const chunk = { kind: 'chunk', data: randomBytes(size) } as const;
      const [head, rest] = requestParts(7, chunk);
      expect(rest).toBe(size < 32 * 1024 ? undefined : chunk.data);
      const frame = Buffer.concat(rest ? [head, rest] : [head]);
      expect(frame.equals(encodeRequest(7, chunk))).toBe(true);
      expect(framesOf([frame], MOST_TO_RUNNER).map((got) => decodeRequest(got).kind)).toEqual(['chunk']);
    }
  });

  test('byte by byte', () => {
    const frame = encodeRequest(7, { kind: 'kill', id: 'abc', graceMs: 5000 });
    const pieces = [...frame].map((byte) => Uint8Array.of(byte));
    expect(framesOf(pieces, 64).map((got) => decodeRequest(got))).toEqual([{ kind: 'kill', id: 'abc', graceMs: 5000 }]);
  });
});

test('the bytes of a request are those of PROTOCOL.md', () => {
  const frame = encodeRequest(0x01020304, {
    kind: 'attach',
    id: 'ab',
    fromStdout: 1,
    fromStderr: 2 ** 40,
    window: 3,
    follow: true,
  });
  const id = '000000026162';
  expect(Buffer.from(frame).toString('hex')).toBe(`0000001b1101020304${id}000000000000000100000100000000000000000301`);
});

test('a byte order mark in a text stays where it is', () => {
  const message = { kind: 'start', argv: ['\uFEFFx'] } as const;
  const whole = {
    ...message,
    id: 'a',
    flags: { stdin: false, terminal: false },
    timeoutMs: 0,
    graceMs: 0,
    rows: 0,
    columns: 0,
    cwd: '',
    env: [],
  };
  const [frame] = framesOf([encodeRequest(1, whole)], MOST_TO_RUNNER);
  expect(frame && decodeRequest(frame)).toEqual(whole);
});

describe('what is malformed is a typed error', () => {
  test('any bytes are either frames or ProtocolMismatch', () => {
    fc.assert(
      fc.property(u8, fc.uint8Array({ maxLength: 80 }), (type, payload) => {
        for (const decode of [decodeAnswer, decodeRequest]) {
          try {
            decode({ type, channel: 1, payload });
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolMismatch);
          }
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('a frame that lacks its last byte, or has one more, is refused', () => {
    const fixed = [
      encodeAnswer(1, { kind: 'done', count: 3 }),
      encodeAnswer(1, { kind: 'lost', stream: 'stdout', from: 1, to: 2 }),
    ];
    for (const frame of fixed) {
      const type = frame[4] ?? 0;
      const payload = frame.slice(9);
      expect(() => decodeAnswer({ type, channel: 1, payload: payload.slice(0, -1) })).toThrow(ProtocolMismatch);
      expect(() => decodeAnswer({ type, channel: 1, payload: Buffer.concat([payload, Buffer.of(0)]) })).toThrow(
        ProtocolMismatch,
      );
    }
  });

  test('a length over the limit is refused before its bytes have come', () => {
    const header = Buffer.alloc(9);
    header.writeUInt32BE(MOST_FROM_RUNNER + 1);
    expect(() => [...new FrameDecoder(MOST_FROM_RUNNER).push(header)]).toThrow(ProtocolMismatch);
    header.writeUInt32BE(MOST_FROM_RUNNER);
    expect([...new FrameDecoder(MOST_FROM_RUNNER).push(header)]).toEqual([]);
  });

  test('a list that claims more than its frame can hold is refused at once', () => {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(2 ** 32 - 1);
    expect(() => decodeRequest({ type: 0x03, channel: 1, payload })).toThrow(ProtocolMismatch);
  });

  test('a number that does not fit is refused by the writer', () => {
    expect(() => encodeRequest(1, { kind: 'credit', bytes: 2 ** 32 })).toThrow(RangeError);
    expect(() => encodeRequest(1, { kind: 'commit', total: Number.NaN })).toThrow(RangeError);
    expect(() => encodeRequest(1, { kind: 'commit', total: -1 })).toThrow(RangeError);
  });
});

test('sizes and times that a program made up break nothing', () => {
  const payload = Buffer.alloc(37);
  payload[0] = 1;
  payload.fill(0xff, 1, 9);
  payload.writeBigInt64BE(-(2n ** 63n), 13);
  const entry = decodeAnswer({ type: 0xa0, channel: 1, payload });
  expect(entry).toMatchObject({ kind: 'entry', size: Number.MAX_SAFE_INTEGER });
  expect(entry.kind === 'entry' && new Date(entry.modifiedAt).toISOString()).toBe('-271821-04-20T00:00:00.000Z');
});

test('every word for a problem has its code, and an unknown code is a failure all the same', () => {
  const words = Array.from({ length: 20 }, (_, index) => problemOf(index + 1));
  expect(new Set(words).size).toBe(20);
  expect(words.map(codeOf)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(problemOf(999)).toBe('io');
});
