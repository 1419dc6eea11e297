import { setPriority } from 'node:os';
import { startFakeGitHub, type FakeGitHub } from '@ephemera/fake-github';
import { expect, test } from 'vitest';
import type { CrashPoint } from './effect-tap.ts';
import { live, phases, type Kills, type Life, type Phase } from './life.ts';

/** Most of a life is waiting, for leases to lapse and for the cluster to take a namespace away. More would not end sooner on two processors. */
const atOnce = 8;

interface Effect {
  readonly phase: Phase;
  readonly effect: string;
}

interface Point extends Effect, CrashPoint {}

test(
  'case 8: kill -9 before and after each side effect of opened, synchronize and closed ends as if nothing had happened',
  { timeout: 900_000 },
  async () => {
    // This process and all that it starts: tests run beside it that promise answers in seconds, and here nothing is measured.
    setPriority(5);
    await using stack = new AsyncDisposableStack();
    const githubs: FakeGitHub[] = [];
    for (let slot = 0; slot < atOnce; slot += 1) githubs.push(stack.use(await startFakeGitHub({ port: 0 })));
    let lives = 0;
    const run = async (github: FakeGitHub, kills?: Kills): Promise<Life> => {
      lives += 1;
      return live({ github, repository: await github.repository({ owner: 'acme', name: `shop-${lives}` }) }, kills);
    };

    // Undisturbed: one alone, and as many at once as later with crashes. What only some of them do (looking once more whether a
    // namespace is gone) depends on the moment, and is no effect that every life has.
    const together = (some: readonly FakeGitHub[]) => Promise.all(some.map((github) => run(github)));
    const undisturbed = [...(await together(githubs.slice(0, 1))), ...(await together(githubs))];
    const first = undisturbed[0]?.end;
    for (const { end } of undisturbed) expect(end).toEqual(first);
    expect(first).toMatchObject({ leftovers: [], namespacesMade: 1, comments: [expect.any(String)], work: [] });
    const effects = seenIn(undisturbed).filter(({ phase, effect }) =>
      undisturbed.every((life) => life.effects[phase].includes(effect)),
    );
    process.stdout.write(listed(`${effects.length} effects`, effects));
    const passing = seenIn(undisturbed).filter((seen) => !effects.some((effect) => nameOf(effect) === nameOf(seen)));
    process.stdout.write(listed(`${passing.length} more occurred in some lives only`, passing));

    const points: readonly Point[] = effects.flatMap((effect) => [
      { ...effect, side: 'before' },
      { ...effect, side: 'after' },
    ]);
    const waiting = new Map(phases.map((phase) => [phase, points.filter((point) => point.phase === phase)]));
    const missed = new Set<Point>();
    const covered = new Set<Point>();
    const problems: string[] = [];
    await Promise.all(
      githubs.map(async (github) => {
        for (let chosen = nextOf(waiting); chosen.length > 0; chosen = nextOf(waiting)) {
          // One that fails is not tried again: it is a life that did not end as it should.
          const killedIn = await killAt(github, chosen).catch((error: unknown) => {
            problems.push(`${chosen.map(nameOf).join(', then ')}: ${String(error)}`);
            // At once: the whole takes minutes.
            process.stdout.write(`${problems.at(-1)}\n`);
            return undefined;
          });
          if (killedIn === undefined) continue;
          for (const point of chosen) {
            if (killedIn.includes(point.phase)) covered.add(point);
            // Parallel work does not always go the same way; a point that was not passed gets a second chance.
            else if (missed.has(point)) problems.push(`${nameOf(point)}: the effect did not occur`);
            else {
              missed.add(point);
              waiting.get(point.phase)?.push(point);
            }
          }
        }
      }),
    );
    process.stdout.write(
      `${effects.length} effects × 2 = ${points.length} crash points, ${covered.size} covered in ${lives} lives\n`,
    );
    expect(problems).toEqual([]);
    expect(covered.size).toBe(points.length);

    async function killAt(github: FakeGitHub, chosen: readonly Point[]): Promise<readonly Phase[]> {
      const { killedIn, end } = await run(github, Object.fromEntries(chosen.map((point) => [point.phase, point])));
      expect(end).toEqual(first);
      return killedIn;
    }
  },
);

/** By phase, in the order in which the lives first show them. */
function seenIn(lives: readonly Life[]): readonly Effect[] {
  return phases.flatMap((phase) =>
    [...new Set(lives.flatMap(({ effects }) => effects[phase]))].map((effect) => ({ phase, effect })),
  );
}

/** One point of each phase, as long as there are any: one life can be cut off in each of its phases. */
function nextOf(waiting: ReadonlyMap<Phase, Point[]>): readonly Point[] {
  return phases.flatMap((phase) => waiting.get(phase)?.shift() ?? []);
}

function nameOf({ phase, effect, side }: Effect & { readonly side?: Point['side'] }): string {
  return side === undefined ? `${phase}: ${effect}` : `${side} ${phase}: ${effect}`;
}

function listed(title: string, effects: readonly Effect[]): string {
  return [title, ...effects.map(nameOf), ''].join('\n');
}
