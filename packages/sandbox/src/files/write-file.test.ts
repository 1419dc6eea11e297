import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { scriptedRunner, type Turn } from '../../test/scripted/scripted-runner.ts';
import type { Request } from '../wire/request.ts';
import { createFiles } from './files.ts';

/** Takes files as the runner does. `onChunk` gets how many bytes of the file have arrived. */
class Taken {
  readonly #open = new Map<string, Uint8Array[]>();
  readonly files: Uint8Array[] = [];
  #streams = 0;
  onChunk: (total: number, turn: Turn) => void = () => {};

  take(request: Request, turn: Turn): void {
    const key = `${this.#streams}/${turn.channel}`;
    const pieces = this.#open.get(key);
    if (request.kind === 'write') {
      this.#open.set(key, []);
      turn.answer({ kind: 'ready' });
    } else if (request.kind === 'chunk' && pieces !== undefined) {
      pieces.push(Uint8Array.from(request.data));
      this.onChunk(
        pieces.reduce((sum, piece) => sum + piece.length, 0),
        turn,
      );
    } else if (request.kind === 'commit' && pieces !== undefined) {
      this.files.push(Buffer.concat(pieces));
      turn.end();
    }
  }

  cut(turn: Turn): void {
    this.#streams += 1;
    turn.cut();
  }
}

async function* inPieces(content: Uint8Array, each = 50_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += each) yield await Promise.resolve(content.subarray(at, at + each));
}

/** Gives one piece, and then nothing for ever. */
async function* stuck(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x');
  await new Promise(() => {});
}

test('a small file goes out at once, and costs one answer', async () => {
  const seen: string[] = [];
  using runner = scriptedRunner((request, turn) => {
    seen.push(request.kind);
    // Nothing is said before all of it is there: who waited for READY would wait for ever.
    if (request.kind === 'commit') turn.end();
  });
  await createFiles(runner.link).write('f', 'content', { mode: 0o600 });
  expect(seen).toEqual(['write', 'chunk', 'commit']);
  expect(runner.seen[0]).toMatchObject({ mode: 0o600 });
});

test('a large file waits until it is welcome', async () => {
  using runner = scriptedRunner((request, turn) => {
    if (request.kind === 'write') turn.refuse('denied');
  });
  await expect(createFiles(runner.link).write('f', new Uint8Array(10_000_000))).rejects.toMatchObject({
    code: 'sandbox.file',
    details: { kind: 'denied' },
  });
  expect(runner.seen.map(({ kind }) => kind)).toEqual(['write']);
});

test('content that can be read twice is sent again from its beginning when the stream breaks', async () => {
  const content = randomBytes(2_000_000);
  const taken = new Taken();
  let cuts = 0;
  taken.onChunk = (total, turn) => {
    if (total < 500_000 || cuts >= 5) return;
    cuts += 1;
    taken.cut(turn);
  };
  using runner = scriptedRunner((request, turn) => taken.take(request, turn));
  await createFiles(runner.link).write('f', content);
  expect(cuts).toBe(5);
  expect(taken.files.map((file) => Buffer.from(file).equals(content))).toEqual([true]);
});

test('a short stream that can be read once is kept, and sent again as well', async () => {
  const content = randomBytes(1_000_000);
  const taken = new Taken();
  let cuts = 0;
  taken.onChunk = (total, turn) => {
    if (total < 300_000 * (cuts + 1) || cuts >= 3) return;
    cuts += 1;
    taken.cut(turn);
  };
  using runner = scriptedRunner((request, turn) => taken.take(request, turn));
  await createFiles(runner.link).write('f', inPieces(content));
  expect(cuts).toBe(3);
  expect(taken.files.map((file) => Buffer.from(file).equals(content))).toEqual([true]);
});

test('a long stream that can be read once and breaks is a typed error, and nothing of it is written', async () => {
  const taken = new Taken();
  taken.onChunk = (total, turn) => {
    if (total > 6_000_000) taken.cut(turn);
  };
  using runner = scriptedRunner((request, turn) => taken.take(request, turn));
  await expect(createFiles(runner.link).write('f', inPieces(randomBytes(8_000_000)))).rejects.toMatchObject({
    code: 'sandbox.file',
    details: { kind: 'interrupted', problem: expect.stringContaining('nothing of it was kept') },
  });
  expect(taken.files).toEqual([]);
});

test('where the end of a stream is not confirmed, the error does not say that nothing was written', async () => {
  using runner = scriptedRunner((request, turn) => {
    if (request.kind === 'write') turn.answer({ kind: 'ready' });
    if (request.kind === 'commit') turn.cut();
  });
  await expect(createFiles(runner.link).write('f', inPieces(new Uint8Array(5_000_000)))).rejects.toMatchObject({
    details: { kind: 'interrupted', problem: expect.stringContaining('as a whole or not at all') },
  });
});

test('a source that fails leaves nothing, and its own error is thrown', async () => {
  using runner = scriptedRunner((request, turn) => {
    if (request.kind === 'write') turn.answer({ kind: 'ready' });
  });
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a part');
    throw await Promise.resolve(new Error('the source is broken'));
  }
  await expect(createFiles(runner.link).write('f', failing())).rejects.toThrow('the source is broken');
  await expect.poll(() => runner.seen.map(({ kind }) => kind)).toEqual(['write', 'chunk', 'cancel']);
});

test('a full disk ends the writing also while the source has nothing to give', async () => {
  using runner = scriptedRunner((request, turn) => {
    if (request.kind === 'write') turn.answer({ kind: 'ready' });
    if (request.kind === 'chunk') turn.refuse('no_space', 28);
  });
  await expect(createFiles(runner.link).write('f', stuck())).rejects.toMatchObject({ details: { kind: 'no_space' } });
});

test('an aborted write throws the reason also while the source has nothing to give, and leaves nothing', async () => {
  const controller = new AbortController();
  using runner = scriptedRunner((request, turn) => {
    if (request.kind === 'write') turn.answer({ kind: 'ready' });
    if (request.kind === 'chunk') controller.abort(new Error('enough'));
  });
  const writing = createFiles(runner.link).write('f', stuck(), { signal: controller.signal });
  await expect(writing).rejects.toThrow('enough');
  await expect.poll(() => runner.seen.at(-1)?.kind).toBe('cancel');
});

test('many files are under way at once, and the first refusal ends all', async () => {
  const waiting: Turn[] = [];
  let most = 0;
  using runner = scriptedRunner((request, turn) => {
    if (request.kind === 'commit') waiting.push(turn);
    most = Math.max(most, waiting.length);
    if (waiting.length === 40)
      waiting.splice(0).forEach((each, index) => (index === 7 ? each.refuse('denied') : each.end()));
  });
  const files = Array.from({ length: 400 }, (_, index) => ({ path: `f${index}`, content: 'x' }));
  await expect(createFiles(runner.link).writeMany(files)).rejects.toMatchObject({ details: { kind: 'denied' } });
  expect(most).toBe(40);
  expect(runner.seen.filter(({ kind }) => kind === 'write').length).toBeLessThan(200);
});
