import type { FakeInput } from '../program.ts';

/** What a program reads from, over a call that gives the next bytes, or undefined at the end. */
export function inputOf(read: (most?: number) => Promise<Uint8Array | undefined>): FakeInput {
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let bytes = await read(); bytes !== undefined; bytes = await read()) yield bytes;
  }
  const bytes = async () => Buffer.concat(await Array.fromAsync(pieces()));
  return {
    [Symbol.asyncIterator]: pieces,
    bytes,
    text: async () => (await bytes()).toString('utf8'),
  };
}
