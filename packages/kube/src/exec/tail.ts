/** Keeps the last bytes of a stream, for messages. */
export function createTail(mostBytes: number) {
  let kept: Buffer = Buffer.alloc(0);
  let isCut = false;
  return {
    push: (bytes: Uint8Array): void => {
      isCut ||= kept.byteLength + bytes.byteLength > mostBytes;
      // A copy: a part of a large message would keep all of it in memory.
      kept = Buffer.concat([kept, bytes.subarray(-mostBytes)]);
      if (kept.byteLength > mostBytes) kept = Buffer.from(kept.subarray(-mostBytes));
    },
    /** Begins with a whole character. */
    text: (): string => {
      // At most three bytes of a character stand before the next one.
      const start = isCut ? kept.subarray(0, 4).findIndex((byte) => (byte & 0xc0) !== 0x80) : 0;
      return kept.toString('utf8', Math.max(0, start));
    },
  };
}
