import { ProtocolMismatch } from '../errors.ts';
import type { PayloadReader } from './reader.ts';
import type { FrameWriter } from './writer.ts';

/** How one value stands in a payload, both ways. */
export interface Field<T> {
  write(to: FrameWriter, value: T): void;
  read(from: PayloadReader): T;
}

export const u8: Field<number> = { write: (to, value) => to.u8(value), read: (from) => from.u8() };
export const u16: Field<number> = { write: (to, value) => to.u16(value), read: (from) => from.u16() };
export const u32: Field<number> = { write: (to, value) => to.u32(value), read: (from) => from.u32() };
export const u64: Field<number> = { write: (to, value) => to.u64(value), read: (from) => from.u64() };
/** Any 64 bits, exactly. */
export const bits64: Field<bigint> = { write: (to, value) => to.bits64(value), read: (from) => from.bits64() };
/** A number that is at most 2^53 - 1 here, whatever it is there. */
export const size: Field<number> = { write: (to, value) => to.u64(value), read: (from) => from.size() };
/** Milliseconds since 1970. */
export const moment: Field<number> = { write: (to, value) => to.i64(value), read: (from) => from.moment() };
export const yesNo: Field<boolean> = { write: (to, value) => to.u8(value ? 1 : 0), read: (from) => from.u8() !== 0 };
/** UTF-8; what is none becomes U+FFFD. */
export const text: Field<string> = { write: (to, value) => to.text(value), read: (from) => from.text() };
/** A text whose bytes matter, as those of a file's name. */
export const bytes: Field<Uint8Array> = { write: (to, value) => to.text(value), read: (from) => from.bytes() };
/** Everything up to the end of the payload. */
export const rest: Field<Uint8Array> = { write: (to, value) => to.rest(value), read: (from) => from.rest() };

const never = 2n ** 64n - 1n;

/** Milliseconds, or undefined where it never happens: all ones. */
export const msOrNever: Field<number | undefined> = {
  write: (to, value) => (value === undefined ? to.bits64(never) : to.u64(value)),
  read: (from) => {
    const value = from.bits64();
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(value);
  },
};

/** So many bytes, no more and no less. */
export function exactly(length: number): Field<Uint8Array> {
  return {
    write: (to, value) => {
      if (value.byteLength !== length) throw new RangeError(`${value.byteLength} bytes instead of ${length}`);
      to.raw(value);
    },
    read: (from) => from.raw(length),
  };
}

/** A list with its length before it. `least` bytes each: a length that cannot be true is refused before anything is set aside. */
export function listOf<T>(item: Field<T>, least: number): Field<readonly T[]> {
  return {
    write: (to, values) => {
      to.u32(values.length);
      for (const value of values) item.write(to, value);
    },
    read: (from) => {
      const count = from.u32();
      if (count * least > from.left)
        throw new ProtocolMismatch({ problem: `a list of ${count} does not fit into its frame` });
      return Array.from({ length: count }, () => item.read(from));
    },
  };
}

/** One of a few words, by its number. */
export function oneOf<const Word extends string>(words: Readonly<Record<number, Word>>): Field<Word> {
  const numbers = new Map(Object.entries(words).map(([number, word]) => [word, Number(number)]));
  return {
    write: (to, value) => to.u8(numbers.get(value) ?? 0),
    read: (from) => {
      const number = from.u8();
      const word = words[number];
      if (word === undefined)
        throw new ProtocolMismatch({ problem: `${number} stands for none of ${[...numbers.keys()].join(', ')}` });
      return word;
    },
  };
}

/** Yes or no to each of a few words, one bit each. Bits that stand for nothing here are ignored. */
export function flags<const Word extends string>(
  words: Readonly<Record<number, Word>>,
): Field<Readonly<Record<Word, boolean>>> {
  const bits = Object.entries<Word>(words).map(([bit, word]) => [Number(bit), word] as const);
  return {
    write: (to, value) => to.u8(bits.reduce((sum, [bit, word]) => sum + (value[word] ? bit : 0), 0)),
    read: (from) => {
      const number = from.u8();
      return Object.fromEntries(bits.map(([bit, word]) => [word, (number & bit) !== 0])) as Record<Word, boolean>;
    },
  };
}

const figure: Field<{ readonly name: string; readonly value: number }> = {
  write: (to, { name, value }) => {
    text.write(to, name);
    size.write(to, value);
  },
  read: (from) => ({ name: text.read(from), value: size.read(from) }),
};

export const texts = listOf(text, 4);
export const figures = listOf(figure, 12);
