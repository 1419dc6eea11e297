import { afterEach, describe, expect, test } from 'vitest';
import type { Harness } from './harness.ts';
import { numbers, sharedSandbox, someBytes } from './setting.ts';

const cuts = 200;
const lanes = 4;
/** Within so many bytes a stream brings something whole, so that a long answer gets to its end at last. */
const afterAFrame = [50_000, 400_000] as const;

export function brokenStreamsContract(harness: Harness): void {
  describe('streams that break', () => {
    const sandbox = sharedSandbox(harness);
    const { argv, faults } = harness;

    afterEach(() => faults.cutStreamsAfter(sandbox().id, undefined));

    /** Streams break at places that differ, in greetings too, until this is done. */
    async function whileCut<T>(seed: number, [least, most]: readonly [number, number], work: () => Promise<T>) {
      const next = numbers(seed);
      faults.cutStreamsAfter(sandbox().id, () => least + Math.floor(next() * (most - least)));
      try {
        return await work();
      } finally {
        faults.cutStreamsAfter(sandbox().id, undefined);
      }
    }

    test('the stream is cut 200 times in the middle of commands, and every result is right', async () => {
      const before = faults.cuts(sandbox().id);
      const done = () => faults.cuts(sandbox().id) - before >= cuts;
      let code = 0;
      const wrong: unknown[] = [];
      let runs = 0;
      const lane = async () => {
        while (!done()) {
          code = (code % 255) + 1;
          const wanted = code;
          const { exitCode, stdout } = await sandbox().commands.run(argv('numbered', String(wanted)));
          runs += 1;
          const lines = Array.from({ length: 64 }, (_, row) => `${wanted} ${row + 1}\n`).join('');
          if (exitCode !== wanted || stdout !== lines) wrong.push({ wanted, exitCode, stdout });
        }
      };
      await whileCut(7, [1, harness.cutWithinBytes], () => Promise.all(Array.from({ length: lanes }, lane)));
      expect(wrong).toEqual([]);
      expect(runs).toBeGreaterThan(10);
      expect(faults.cuts(sandbox().id) - before).toBeGreaterThanOrEqual(cuts);
    }, 600_000);

    test('what goes in and comes out stays the same when streams break under it', async () => {
      const bytes = someBytes(2_000_000, 3);
      const { output, exitCode } = await whileCut(8, afterAFrame, () =>
        sandbox().commands.run(argv('cat'), { stdin: bytes }),
      );
      expect(exitCode).toBe(0);
      expect(Buffer.from(output.stdout.bytes).equals(bytes)).toBe(true);
    }, 180_000);

    test('a file that is written and read while streams break is whole', async () => {
      const bytes = someBytes(2_000_000, 4);
      const read = await whileCut(9, afterAFrame, async () => {
        await sandbox().files.write('under-cuts', bytes);
        return sandbox().files.read('under-cuts');
      });
      expect(Buffer.from(read).equals(bytes)).toBe(true);
      expect((await sandbox().files.list()).map(({ path }) => path)).not.toContainEqual(expect.stringContaining('tmp'));
    }, 180_000);

    test('nothing answers for a while, and the command that ran meanwhile has its result', async () => {
      const seen: string[] = [];
      const running = sandbox().commands.run(argv('untilFile', 'back-again', '13'), {
        onStdout: (piece) => void seen.push(Buffer.from(piece).toString()),
      });
      await expect.poll(() => seen.join(''), { timeout: 30_000 }).toContain('line 2');
      await faults.apiDown(sandbox().id);
      const before = faults.attempts(sandbox().id);
      await expect.poll(() => faults.attempts(sandbox().id), { timeout: 30_000 }).toBeGreaterThanOrEqual(before + 3);
      await faults.apiUp(sandbox().id);
      await sandbox().files.write('back-again', '');
      const { exitCode, stdout } = await running;
      const lines = stdout.trimEnd().split('\n');
      expect(exitCode).toBe(13);
      expect(lines).toEqual([...lines.slice(1).map((_, index) => `line ${index + 1}`), 'last']);
      expect(seen.join('')).toBe(stdout);
    }, 120_000);
  });
}
