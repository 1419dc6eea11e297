import {
  bits64,
  bytes,
  exactly,
  figures,
  flags,
  moment,
  msOrNever,
  oneOf,
  rest,
  size,
  text,
  texts,
  u16,
  u32,
  u64,
  yesNo,
} from './fields.ts';
import { codecOf, type Message } from './message.ts';

export type OutputStream = 'stdout' | 'stderr';

const stream = oneOf({ 1: 'stdout', 2: 'stderr' });
const ending = oneOf({ 1: 'exited', 2: 'signal' });
/** `outOfMemory`: the kernel killed a process of the sandbox for memory meanwhile. `diskFull`: output could not be kept. */
const exitFlags = flags({ 1: 'timedOut', 2: 'killed', 4: 'outOfMemory', 8: 'diskFull' });

/** PROTOCOL.md's ERROR codes. */
const problem = {
  1: 'bad_request',
  2: 'unknown_command',
  3: 'busy',
  4: 'outside',
  5: 'not_a_file',
  6: 'no_such_file',
  7: 'is_a_folder',
  8: 'not_a_folder',
  9: 'denied',
  10: 'no_space',
  11: 'too_big',
  12: 'not_started',
  13: 'port_refused',
  14: 'too_many',
  15: 'io',
  16: 'gap',
  17: 'exists',
  18: 'short',
  19: 'loop',
  20: 'unsupported',
} as const;

/** DATA: a part of a file. */
export const dataType = 0xa1;

/** What the runner answers, in the words of PROTOCOL.md: number, then the values as their bytes stand. */
const answerKinds = {
  hello: {
    type: 0x81,
    fields: { version: u32, bootId: exactly(16), now: moment, uptimeMs: u64, expiresInMs: msOrNever },
  },
  pong: { type: 0x82, fields: { token: exactly(8) } },
  started: { type: 0x90, fields: { existed: yesNo, startedAt: moment, pid: u32 } },
  out: { type: 0x91, fields: { stream, offset: u64, data: rest } },
  lost: { type: 0x92, fields: { stream, from: u64, to: u64 } },
  exit: {
    type: 0x93,
    fields: {
      ending,
      code: u32,
      flags: exitFlags,
      startedAt: moment,
      endedAt: moment,
      stdoutBytes: u64,
      stderrBytes: u64,
    },
  },
  stdinAck: { type: 0x94, fields: { taken: u64, closed: yesNo } },
  done: { type: 0x95, fields: { count: u32 } },
  command: {
    type: 0x96,
    fields: {
      id: text,
      state: oneOf({ 1: 'running', 2: 'ended' }),
      startedAt: moment,
      endedAt: moment,
      /** Counts only where it has ended. */
      ending: oneOf({ 0: 'none', 1: 'exited', 2: 'signal' }),
      code: u32,
      flags: exitFlags,
      argv: texts,
    },
  },
  entry: {
    type: 0xa0,
    fields: {
      entry: oneOf({ 1: 'file', 2: 'folder', 3: 'link', 4: 'other' }),
      size,
      mode: u32,
      modifiedAt: moment,
      version: bits64,
      path: bytes,
      target: bytes,
    },
  },
  data: { type: dataType, fields: { data: rest } },
  ready: { type: 0xa2, fields: {} },
  connected: { type: 0xb0, fields: {} },
  credit: { type: 0xb1, fields: { bytes: u32 } },
  portData: { type: 0x31, fields: { data: rest } },
  portEnd: { type: 0x32, fields: {} },
  info: { type: 0xc0, fields: { figures } },
  end: { type: 0xfe, fields: {} },
  error: { type: 0xff, fields: { code: u16, errno: u32, message: text } },
} as const;

export type Answer = Message<typeof answerKinds>;
export type AnswerOf<Name extends Answer['kind']> = Extract<Answer, { kind: Name }>;
export type RunnerProblem = (typeof problem)[keyof typeof problem];

export const { encode: encodeAnswer, decode: decodeAnswer } = codecOf(answerKinds);

/** The word for a code of ERROR; `io` for one that is not known here: it failed in any case. */
export function problemOf(code: number): RunnerProblem {
  return (problem as Readonly<Record<number, RunnerProblem>>)[code] ?? 'io';
}

/** The code of ERROR for a word. */
export function codeOf(word: RunnerProblem): number {
  return Number(Object.entries(problem).find(([, name]) => name === word)?.[0]);
}
