import type { Readable } from 'node:stream';
import { BodyTooLarge, BodyTooSlow, Busy } from './errors.ts';

export interface BodyLimits {
  /** Of one body. */
  readonly bytes: number;
  /** Of all bodies that are being read or worked on, together. */
  readonly atOnceBytes: number;
  /** From the first look at a body until its last byte. */
  readonly deadlineMs: number;
  /** Of bodies above this size, or announced to be, only `largeAtOnce` are read at once: real deliveries have some ten kilobytes. */
  readonly largeBytes: number;
  readonly largeAtOnce: number;
}

/** The bytes as they came. They count against all bodies together until this is disposed. */
export interface Body extends Disposable {
  readonly bytes: Buffer;
}

interface Reading {
  size: number;
  isLarge: boolean;
  /** Undefined once the body is complete. */
  refuse: ((error: Error) => void) | undefined;
}

/**
 * Reads bodies within bounds that nobody can exceed by sending more of them at once: memory is counted as bytes arrive, never reserved
 * by what a header says, so that a thousand slow senders cost next to nothing. Where all together become too much, the largest
 * unfinished one has to go: a real delivery has some kilobytes and is not it. To make bodies wait for places was rejected, because
 * whoever sends slowly would then keep the places.
 *
 * Throws `request.too_large`, `request.too_slow` and `request.busy`.
 */
export function bodyReader(limits: BodyLimits): (stream: Readable, announcedBytes: number) => Promise<Body> {
  const { bytes, atOnceBytes, deadlineMs, largeBytes, largeAtOnce } = limits;
  const readings = new Set<Reading>();
  let total = 0;

  function free(reading: Reading): void {
    if (readings.delete(reading)) total -= reading.size;
  }

  function makeRoom(newest: Reading): void {
    for (;;) {
      if (total <= atOnceBytes) return;
      const unfinished = [...readings].filter(({ refuse }) => refuse !== undefined);
      const largest = unfinished.reduce((one, other) => (other.size > one.size ? other : one), newest);
      largest.refuse?.(new Busy({}));
      if (largest === newest) return;
    }
  }

  /** Counts a body as large from the moment that it is; says whether there are too many then. */
  function tooManyLarge(reading: Reading, size: number): boolean {
    if (reading.isLarge || size <= largeBytes) return false;
    reading.isLarge = true;
    return [...readings].filter(({ isLarge }) => isLarge).length > largeAtOnce;
  }

  return (stream, announcedBytes) =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const reading: Reading = { size: 0, isLarge: false, refuse: undefined };
      const stop = (): void => {
        clearTimeout(timer);
        stream.off('data', take).off('end', complete).off('close', cutOff).off('error', refuse);
        reading.refuse = undefined;
      };
      const refuse = (error: Error): void => {
        stop();
        free(reading);
        // What still comes stays in the socket until the answer has closed it.
        stream.pause();
        stream.on('error', () => {});
        reject(error);
      };
      const take = (chunk: Buffer): void => {
        reading.size += chunk.length;
        total += chunk.length;
        chunks.push(chunk);
        if (reading.size > bytes) refuse(new BodyTooLarge({ bytes }));
        else if (tooManyLarge(reading, reading.size)) refuse(new Busy({}));
        else makeRoom(reading);
      };
      const complete = (): void => {
        stop();
        resolve({ bytes: Buffer.concat(chunks), [Symbol.dispose]: () => free(reading) });
      };
      const cutOff = (): void => refuse(new BodyTooSlow({ seconds: deadlineMs / 1000 }));
      const timer = setTimeout(cutOff, deadlineMs);
      reading.refuse = refuse;
      readings.add(reading);
      if (tooManyLarge(reading, announcedBytes)) {
        refuse(new Busy({}));
        return;
      }
      stream.on('data', take).once('end', complete).once('close', cutOff).once('error', refuse);
    });
}
