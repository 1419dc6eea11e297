import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { ProtocolMismatch } from '../errors.ts';
import type { Answer } from '../wire/answer.ts';
import type { Request } from '../wire/request.ts';
import { OpenChannel } from './channel.ts';

const attach = { kind: 'attach', id: 'a', fromStdout: 0, fromStderr: 0, window: 100, follow: true } as const;
const list = { kind: 'list', path: new Uint8Array(), recursive: true, window: 100 } as const;

function channelOf(request: Request): OpenChannel {
  return new OpenChannel({ send: () => Promise.resolve(), leave: () => undefined }, request);
}

function out(bytes: number): Answer {
  return { kind: 'out', stream: 'stdout', offset: 0, data: new Uint8Array(bytes) };
}

const entry: Answer = {
  kind: 'entry',
  entry: 'file',
  size: 0,
  mode: 0o644,
  modifiedAt: 0,
  version: 1n,
  path: new Uint8Array(1),
  target: new Uint8Array(),
};

test('a reader that is always a little behind keeps nothing alive of what it has read, and gets all in order', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const channel = channelOf({ ...attach, window: 1_000_000 });
  const answers = channel.answers[Symbol.asyncIterator]();
  const first: WeakRef<Answer>[] = [];
  for (let index = 0; index < 10_003; index += 1) {
    const answer: Answer = { kind: 'out', stream: 'stdout', offset: index, data: new Uint8Array(1) };
    if (index < 100) first.push(new WeakRef(answer));
    channel.put(answer, 10);
    if (index < 3) continue;
    expect(await answers.next()).toMatchObject({ value: { offset: index - 3 } });
  }
  await expect
    .poll(() => {
      gc();
      return first.filter((one) => one.deref() !== undefined).length;
    })
    .toBe(0);
});

describe('what was not allowed is refused, whoever answers in place of the runner', () => {
  test('data beyond the window and the credits', () => {
    const channel = channelOf(attach);
    channel.put(out(60), 70);
    channel.credit(20);
    channel.put(out(60), 70);
    expect(() => channel.put(out(1), 11)).toThrow(ProtocolMismatch);
  });

  test('data of a request that has none', () => {
    const channel = channelOf({ kind: 'info' });
    expect(() => channel.put({ kind: 'data', data: new Uint8Array(1) }, 1)).toThrow(ProtocolMismatch);
  });

  test('entries of a listing beyond the credit, of which the last one may be longer', () => {
    const channel = channelOf(list);
    channel.put(entry, 99);
    channel.put(entry, 5_000);
    expect(() => channel.put(entry, 1)).toThrow(ProtocolMismatch);
  });

  test('a short answer that has no end, though it is read', async () => {
    const channel = channelOf({ kind: 'info' });
    const answers = channel.answers[Symbol.asyncIterator]();
    const endless = async () => {
      for (let index = 0; index < 1_000; index += 1) {
        channel.put({ kind: 'done', count: 0 }, 100_000);
        await answers.next();
      }
    };
    await expect(endless()).rejects.toThrow(ProtocolMismatch);
  });

  test('answers that cost no credit, where nobody reads them; and not where somebody does', async () => {
    const lost: Answer = { kind: 'lost', stream: 'stdout', from: 0, to: 1 };
    const read = channelOf(attach);
    const answers = read.answers[Symbol.asyncIterator]();
    const unread = channelOf(attach);
    for (let index = 0; index < 200; index += 1) {
      read.put(lost, 100_000);
      await answers.next();
    }
    const flood = () => {
      for (let index = 0; index < 200; index += 1) unread.put(lost, 100_000);
    };
    expect(flood).toThrow(ProtocolMismatch);
  });
});
