import { setPriority } from 'node:os';
import { startFakeGitHub } from '@ephemera/fake-github';
import { expect, test } from 'vitest';
import type { CrashPoint } from './faults/effect-tap.ts';
import { livePrJob, phases, type Phase, type PrJobLife } from './faults/pr-job-life.ts';

/** Most of a life is waiting for the cluster. More would not end sooner on two processors. */
const atOnce = 5;

interface Point extends CrashPoint {
  readonly phase: Phase;
}

test(
  'kill -9 before and after each side effect of a create and a cleanup leaves nothing, and makes no job twice',
  { timeout: 900_000 },
  async () => {
    // This process and all that it starts: tests run beside it that promise answers in seconds, and here nothing is measured.
    setPriority(5);
    await using github = await startFakeGitHub({ port: 0 });
    const undisturbed = await Promise.all([livePrJob(github), livePrJob(github)]);
    expect(undisturbed.map(({ jobs }) => jobs)).toEqual([1, 1]);

    const effects = Object.fromEntries(phases.map((phase) => [phase, seenInAll(phase, undisturbed)]));
    const { create = [], cleanup = [] } = effects;
    const made = create.findIndex((effect) => jobMade.test(effect));
    expect(made).toBeGreaterThan(0);
    expect(create).toContain('database insert pr_job_names #1');
    expect(cleanup.find((effect) => jobRemoved.test(effect))).toBeDefined();
    // Who is cut off before the Job is there leaves it at that, and the sweep has to find what was made until then.
    const givingUp = create.slice(0, made + 1).map((effect) => [{ phase: 'create', effect, side: 'before' }] as const);
    const again = [
      ...create.slice(made + 1).map((effect) => ({ phase: 'create', effect, side: 'before' }) as const),
      ...create.filter(isWorthTwo).map((effect) => ({ phase: 'create', effect, side: 'after' }) as const),
    ];
    const removing = [
      ...cleanup.map((effect) => ({ phase: 'cleanup', effect, side: 'before' }) as const),
      ...cleanup.filter(isWorthTwo).map((effect) => ({ phase: 'cleanup', effect, side: 'after' }) as const),
    ];
    // One life can be cut off in each of its phases.
    const pairs = Array.from({ length: Math.max(again.length, removing.length) }, (_, index) =>
      [again[index], removing[index]].filter((point) => point !== undefined),
    );
    const lives: readonly (readonly Point[])[] = [...givingUp, ...pairs];
    process.stdout.write(`${lives.length} lives\n${lives.flat().map(nameOf).join('\n')}\n`);

    const problems: string[] = [];
    const waiting = lives.values();
    const work = async (): Promise<void> => {
      for (const points of waiting) {
        const givesUp = givingUp.some((one) => one === points);
        try {
          const { killedIn, jobs } = await livePrJob(github, {
            kills: Object.fromEntries(points.map((point) => [point.phase, point])),
            givesUp,
          });
          expect(killedIn).toEqual(points.map(({ phase }) => phase));
          expect(jobs).toBe(givesUp ? 0 : 1);
        } catch (error) {
          problems.push(`${points.map(nameOf).join(', then ')}: ${String(error)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    expect(problems).toEqual([]);
  },
);

const jobMade = /^cluster POST .*\/jobs #1$/;
const jobRemoved = /^cluster DELETE .*\/jobs\/\{job\} #1$/;

/** Where an effect that is there and was never heard of differs from the next one that has not happened yet: what is decided by it. */
function isWorthTwo(effect: string): boolean {
  return jobMade.test(effect) || jobRemoved.test(effect) || effect.startsWith('database insert');
}

/** But for the stamp on a token, which is no part of it. */
function seenInAll(phase: Phase, lives: readonly PrJobLife[]): readonly string[] {
  const [first = [], ...others] = lives.map(({ effects }) => effects[phase]);
  return first.filter((effect) => !effect.includes('api_tokens') && others.every((other) => other.includes(effect)));
}

function nameOf({ phase, effect, side }: Point): string {
  return `${side} ${phase}: ${effect}`;
}
