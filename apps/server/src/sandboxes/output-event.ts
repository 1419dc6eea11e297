import { isUtf8 } from 'node:buffer';
import type { SentEvent } from '../event-stream/sse.ts';

export type OutputStream = 'stdout' | 'stderr';

/** How many bytes of each stream a reader has. */
export interface OutputPosition {
  readonly stdout: number;
  readonly stderr: number;
}

export interface OutputEvents {
  /** What can be told of a piece that begins at this offset: whole characters, as far as it is text. */
  take(stream: OutputStream, bytes: Uint8Array, offset: number): readonly SentEvent[];
  /** What was held back until its character is whole. */
  rest(): readonly SentEvent[];
}

/**
 * Output as events, each with the place where a reader goes on after it. What is text comes as text, so that people can read it and
 * programs need not decode it; what is none comes as base64, so that no byte is lost.
 */
export function outputEvents(from: OutputPosition): OutputEvents {
  const at = { stdout: from.stdout, stderr: from.stderr };
  const held: Record<OutputStream, Uint8Array> = { stdout: new Uint8Array(), stderr: new Uint8Array() };
  const tell = (stream: OutputStream, bytes: Uint8Array): SentEvent[] => {
    if (bytes.length === 0) return [];
    const offset = at[stream];
    at[stream] += bytes.length;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const data = isUtf8(buffer)
      ? { offset, text: buffer.toString('utf8') }
      : { offset, base64: buffer.toString('base64') };
    return [{ event: stream, data, id: positionText(at) }];
  };
  return {
    take: (stream, bytes, offset) => {
      const before = held[stream];
      const follows = at[stream] + before.length === offset;
      const flushed = follows ? [] : tell(stream, before);
      if (!follows) at[stream] = offset;
      const all = follows && before.length > 0 ? Buffer.concat([before, bytes]) : bytes;
      const whole = all.length - cutCharacter(all);
      held[stream] = all.slice(whole);
      return [...flushed, ...tell(stream, all.subarray(0, whole))];
    },
    rest: () =>
      (['stdout', 'stderr'] as const).flatMap((stream) => {
        const bytes = held[stream];
        held[stream] = new Uint8Array();
        return tell(stream, bytes);
      }),
  };
}

/** How many bytes at the end begin a character that goes on in the next piece: 0 to 3. Pure. */
export function cutCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const length = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return byte < 0xf8 && length > back ? back : 0;
  }
  return 0;
}

export const positionForm = /^\d{1,15}-\d{1,15}$/;

function positionText({ stdout, stderr }: OutputPosition): string {
  return `${stdout}-${stderr}`;
}

/** From the id of the last event that a reader has. One that is none of ours counts as none. Pure. */
export function positionOf(lastEventId: string | undefined): OutputPosition | undefined {
  if (lastEventId === undefined || !positionForm.test(lastEventId)) return undefined;
  const [stdout = 0, stderr = 0] = lastEventId.split('-').map(Number);
  return { stdout, stderr };
}
