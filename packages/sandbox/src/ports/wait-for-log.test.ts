import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogChunk, LogOptions } from '../commands-api.ts';
import { OutputLost } from '../errors.ts';
import { LogSearch } from './log-search.ts';
import { waitForLog } from './wait-for-log.ts';

type Written = readonly (readonly ['stdout' | 'stderr', string | Uint8Array])[];

/** A command that has written this; then it ends, or goes on for ever. */
function command(written: Written, then: 'ends' | 'runs' = 'ends') {
  async function* logs({ from, signal }: LogOptions = {}): AsyncGenerator<LogChunk, void, undefined> {
    const offsets = { stdout: 0, stderr: 0 };
    for (const [stream, text] of written) {
      const bytes = typeof text === 'string' ? Buffer.from(text) : text;
      const offset = offsets[stream];
      offsets[stream] += bytes.length;
      if (offset >= (from?.[stream] ?? 0)) yield { stream, offset, bytes };
    }
    if (then === 'ends') return;
    await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
  }
  return { id: 'c1', logs };
}

test('a pattern is found wherever the output is cut, also inside of a character', () => {
  const text = 'börse: läuft auf Port 8080 – fertig 🎉\n';
  const cuts = fc.array(fc.integer({ min: 0, max: Buffer.byteLength(text) }), { maxLength: 10 });
  fc.assert(
    fc.property(
      cuts,
      fc.constantFrom<string | RegExp>('8080 – fertig 🎉', /Port (\d+) – f/u, /läuft/g),
      (places, pattern) => {
        const bytes = Buffer.from(text);
        const search = new LogSearch(pattern);
        const ends = [...places.toSorted((one, other) => one - other), bytes.length];
        let start = 0;
        const found = ends.some((end) => {
          const piece = bytes.subarray(start, end);
          start = end;
          return search.take(piece) !== undefined;
        });
        expect(found).toBe(true);
      },
    ),
  );
});

test('it gives what matched, the groups, and the stream', async () => {
  const handle = command([
    ['stdout', 'listening on '],
    ['stderr', 'a warning\n'],
    ['stdout', 'port 3000\nmore'],
  ]);
  expect(await waitForLog(handle, /port (\d+)/)).toEqual({ stream: 'stdout', text: 'port 3000', groups: ['3000'] });
  expect(await waitForLog(handle, 'warning')).toEqual({ stream: 'stderr', text: 'warning', groups: [] });
});

test('only the stream that is asked for counts, and the two are never taken for one', async () => {
  const handle = command([
    ['stdout', 'rea'],
    ['stderr', 'dy'],
    ['stderr', ' ready'],
  ]);
  expect(await waitForLog(handle, 'ready')).toMatchObject({ stream: 'stderr' });
  await expect(waitForLog(handle, 'ready', { stream: 'stdout' })).rejects.toMatchObject({ code: 'sandbox.log_ended' });
});

test('a command that ends without it is a typed error with its last words on one line', async () => {
  const handle = command([['stderr', 'Error: no such \x1b[31mmodule\n']]);
  await expect(waitForLog(handle, /ready/i)).rejects.toMatchObject({
    code: 'sandbox.log_ended',
    message: 'Command c1 ended and has not written /ready/i; its last words: Error: no such  [31mmodule.',
  });
});

test('it gives up after its time with the last words', async () => {
  const handle = command([['stdout', 'still starting\n']], 'runs');
  await expect(waitForLog(handle, 'ready', { timeoutMs: 30 })).rejects.toMatchObject({
    code: 'sandbox.wait_timeout',
    message: 'ready of command c1 did not come within 30 ms: its last words: still starting.',
  });
});

test('an aborted wait throws the reason of its signal', async () => {
  const controller = new AbortController();
  const waiting = waitForLog(command([], 'runs'), 'ready', { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

test('output that is no longer kept is passed over, as what comes now is waited for', async () => {
  const whole = command([
    ['stdout', 'x'.repeat(100)],
    ['stdout', 'ready'],
  ]);
  const handle = {
    id: 'c1',
    async *logs(options: LogOptions = {}) {
      if ((options.from?.stdout ?? 0) < 100) throw new OutputLost({ stream: 'stdout', from: 0, to: 100 });
      yield* whole.logs(options);
    },
  };
  expect(await waitForLog(handle, 'ready')).toMatchObject({ text: 'ready' });
});

test('however much is written, only the end of it is held', async () => {
  const search = new LogSearch(/^ready$/m);
  for (let index = 0; index < 2_000; index += 1) search.take(Buffer.alloc(64 * 1024, 'x'));
  expect(search.last.length).toBeLessThanOrEqual(64 * 1024);
  expect(search.take(Buffer.from('\nready\n'))).toEqual(expect.arrayContaining(['ready']));
});

test('the start of a pattern does not match in the middle of a line whose beginning was given up', () => {
  const search = new LogSearch(/^xyz/);
  search.take(Buffer.from(`first line\n${'-'.repeat(70_000)}`));
  search.take(Buffer.from('\nsecond'));
  expect(search.take(Buffer.from(`${'-'.repeat(70_000)}xyz\n`))).toBeUndefined();
});
