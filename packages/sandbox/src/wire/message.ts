import { ProtocolMismatch } from '../errors.ts';
import type { Field } from './fields.ts';
import type { Frame } from './frame-decoder.ts';
import { PayloadReader } from './reader.ts';
import { FrameWriter } from './writer.ts';

/** One kind of frame: its number, and its values in the order of their bytes. */
export interface Kind {
  readonly type: number;
  readonly fields: Readonly<Record<string, Field<unknown>>>;
}

export type Kinds = Readonly<Record<string, Kind>>;

/** What frames of these kinds say: `{ kind: 'ping', token }` and so on, told apart by `kind`. */
export type Message<K extends Kinds> = {
  readonly [Name in keyof K & string]: { readonly kind: Name } & {
    readonly [Key in keyof K[Name]['fields']]: K[Name]['fields'][Key] extends Field<infer Value> ? Value : never;
  };
}[keyof K & string];

/** One direction of the protocol. */
export interface Codec<M> {
  /** The whole frame. Throws RangeError for a number that does not fit. */
  readonly encode: (channel: number, message: M) => Uint8Array;
  /** The same in one part or two: large data is the second one itself, and no copy. */
  readonly encodeParts: (channel: number, message: M) => readonly [Uint8Array, Uint8Array?];
  /** Throws ProtocolMismatch for what is no message of this direction. */
  readonly decode: (frame: Frame) => M;
}

export function codecOf<const K extends Kinds>(kinds: K): Codec<Message<K>> {
  const byName = new Map(
    Object.entries<Kind>(kinds).map(([name, { type, fields }]) => [name, { type, fields: Object.entries(fields) }]),
  );
  const byType = new Map([...byName].map(([name, { type, fields }]) => [type, { name, fields }]));
  const encodeParts: Codec<Message<K>>['encodeParts'] = (channel, message) => {
    const found = byName.get(message.kind);
    if (!found) throw new RangeError(`there is no frame ${message.kind}`);
    const values = message as Readonly<Record<string, unknown>>;
    const to = new FrameWriter();
    for (const [key, field] of found.fields) field.write(to, values[key]);
    return to.finish(found.type, channel);
  };
  return {
    encodeParts,
    encode: (channel, message) => {
      const [head, rest] = encodeParts(channel, message);
      return rest === undefined ? head : Buffer.concat([head, rest]);
    },
    decode: ({ type, payload }) => {
      const found = byType.get(type);
      if (!found) throw new ProtocolMismatch({ problem: `a frame has the unknown type ${type}` });
      const from = new PayloadReader(payload);
      const values: Record<string, unknown> = { kind: found.name };
      for (const [key, field] of found.fields) values[key] = field.read(from);
      from.end();
      return values as Message<K>;
    },
  };
}
