import { bytes, exactly, flags, msOrNever, rest, text, texts, u16, u32, u64, u8, yesNo } from './fields.ts';
import { codecOf, type Message } from './message.ts';

/** What a client asks the runner, in the words of PROTOCOL.md: number, then the values as their bytes stand. */
const requestKinds = {
  hello: { type: 0x01, fields: { version: u32 } },
  ping: { type: 0x02, fields: { token: exactly(8) } },
  env: { type: 0x03, fields: { env: texts } },
  start: {
    type: 0x10,
    fields: {
      id: text,
      flags: flags({ 1: 'stdin', 2: 'terminal' }),
      timeoutMs: u32,
      graceMs: u32,
      rows: u16,
      columns: u16,
      cwd: text,
      argv: texts,
      env: texts,
    },
  },
  attach: { type: 0x11, fields: { id: text, fromStdout: u64, fromStderr: u64, window: u32, follow: yesNo } },
  credit: { type: 0x12, fields: { bytes: u32 } },
  stdin: { type: 0x13, fields: { id: text, offset: u64, data: rest } },
  stdinClose: { type: 0x14, fields: { id: text, total: u64 } },
  signal: { type: 0x15, fields: { id: text, signal: u8, tree: yesNo } },
  kill: { type: 0x16, fields: { id: text, graceMs: u32 } },
  commands: { type: 0x17, fields: {} },
  forget: { type: 0x18, fields: { id: text } },
  resize: { type: 0x19, fields: { id: text, rows: u16, columns: u16 } },
  stat: { type: 0x20, fields: { path: bytes } },
  list: { type: 0x21, fields: { path: bytes, recursive: yesNo, window: u32 } },
  /** `most`: undefined for all there is. */
  read: { type: 0x22, fields: { path: bytes, from: u64, most: msOrNever, window: u32 } },
  write: { type: 0x23, fields: { path: bytes, mode: u32 } },
  chunk: { type: 0x24, fields: { data: rest } },
  commit: { type: 0x25, fields: { total: u64 } },
  cancel: { type: 0x26, fields: {} },
  remove: { type: 0x27, fields: { path: bytes } },
  folder: { type: 0x28, fields: { path: bytes, mode: u32 } },
  link: { type: 0x29, fields: { path: bytes, target: bytes } },
  connect: { type: 0x30, fields: { port: u16, window: u32 } },
  portData: { type: 0x31, fields: { data: rest } },
  portEnd: { type: 0x32, fields: {} },
  info: { type: 0x40, fields: {} },
  expire: { type: 0x41, fields: { inMs: u64, idleMs: u32 } },
  shutdown: { type: 0x42, fields: { graceMs: u32 } },
} as const;

export type Request = Message<typeof requestKinds>;
export type RequestOf<Name extends Request['kind']> = Extract<Request, { kind: Name }>;

export const { encode: encodeRequest, encodeParts: requestParts, decode: decodeRequest } = codecOf(requestKinds);
