import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeGitHub, type FakeGitHub } from '@ephemera/fake-github';
import { expect, test } from 'vitest';
import type { CrashPoint } from './effect-tap.ts';
import { live, type Life } from './life.ts';

const atOnce = 2;

/** Lives on one fake GitHub one after the other, as a webhook has one address; each has a repository of its own. */
async function slots(count: number, settings: Readonly<Record<string, string>>) {
  await using stack = new AsyncDisposableStack();
  const githubs: FakeGitHub[] = [];
  for (let slot = 0; slot < count; slot += 1) githubs.push(stack.use(await startFakeGitHub({ port: 0 })));
  let lives = 0;
  const owned = stack.move();
  return {
    githubs,
    run: async (github: FakeGitHub, point?: CrashPoint): Promise<Life> => {
      lives += 1;
      const repository = await github.repository({ owner: 'acme', name: `shop-${lives}` });
      return live({ github, repository, settings }, point);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test(
  'case 8: kill -9 before and after each side effect of opened, synchronize and closed ends as if nothing had happened',
  { timeout: 900_000 },
  async () => {
    await using stack = new AsyncDisposableStack();
    // The processes are many and the same; compiled code is shared between them.
    const compiled = stack.adopt(mkdtempSync(join(tmpdir(), 'ephemera-compiled-')), (path) =>
      rmSync(path, { recursive: true, force: true }),
    );
    const { githubs, run } = stack.use(await slots(atOnce, { NODE_COMPILE_CACHE: compiled }));

    // Undisturbed, as many at once as later with crashes: what only some of them do (looking once more whether a namespace is gone)
    // depends on the moment, and is no effect that every life has.
    const undisturbed = await Promise.all(githubs.map((github) => run(github)));
    const [first] = undisturbed.map(({ end }) => end);
    for (const { end } of undisturbed) expect(end).toEqual(first);
    expect(first).toMatchObject({ leftovers: [], namespacesMade: 1, comments: [expect.any(String)] });
    const effects = (undisturbed[0]?.effects ?? []).filter((effect) =>
      undisturbed.every((life) => life.effects.includes(effect)),
    );
    process.stdout.write(`${effects.length} effects:\n${effects.join('\n')}\n`);
    const points = effects.flatMap((effect) => [
      { effect, side: 'before' } as const,
      { effect, side: 'after' } as const,
    ]);
    const problems: string[] = [];
    let covered = 0;
    const waiting = points.slice(60, 66);
    await Promise.all(
      githubs.map(async (github) => {
        for (let point = waiting.shift(); point; point = waiting.shift()) {
          const problem = await outcomeOf(github, point).catch((error: unknown) => String(error));
          if (problem === undefined) covered += 1;
          else {
            problems.push(`${point.side} ${point.effect}: ${problem}`);
            // At once: the whole takes minutes.
            process.stdout.write(`${problems.at(-1)}\n`);
          }
        }
      }),
    );
    process.stdout.write(`${effects.length} effects × 2 = ${points.length} crash points, ${covered} covered\n`);
    expect(problems).toEqual([]);
    expect(covered).toBe(points.length);

    async function outcomeOf(github: FakeGitHub, point: CrashPoint): Promise<string | undefined> {
      // Parallel work does not always go the same way; a point that was not passed gets a second chance.
      for (let attempt = 1; attempt <= 2; attempt += 1) {
        const { crashed, end } = await run(github, point);
        expect(end).toEqual(first);
        if (crashed) return undefined;
      }
      return 'not covered: the effect did not occur';
    }
  },
);
