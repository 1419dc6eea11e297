import fc from 'fast-check';
import { expect, test } from 'vitest';
import { soon } from '../world.ts';
import { openStage } from './stage.ts';
import { carryOut, stepArbitrary, type Step } from './steps.ts';

/** Schedules in each of the tests below; more by hand, with EPHEMERA_SCHEDULES. */
const schedules = Number(process.env.EPHEMERA_SCHEDULES ?? '3');
/** A schedule takes some ten seconds, on a busy machine several times that; one that hangs has failed. */
const scheduleMs = 150_000;
/** A failing schedule is made smaller for so long. */
const shrinkMs = 120_000;

/** One seed for each test, printed, so that a failure can be played again: EPHEMERA_SEED. */
const seeds = Array.from({ length: 4 }, (_, index) =>
  process.env.EPHEMERA_SEED === undefined ? Date.now() + index * 7_919 : Number(process.env.EPHEMERA_SEED) + index,
);

test.concurrent.each(seeds)(
  'whatever happens in whatever order, the world ends as GitHub’s pull requests ask for (seed %i)',
  async (seed) => {
    process.stdout.write(`schedules: seed ${seed}, ${schedules} of them\n`);
    await fc.assert(fc.asyncProperty(fc.array(stepArbitrary, { minLength: 6, maxLength: 16 }), play), {
      seed,
      numRuns: schedules,
      timeout: scheduleMs,
      interruptAfterTimeLimit: schedules * scheduleMs + shrinkMs,
      markInterruptAsFailure: false,
    });
  },
  schedules * scheduleMs + 2 * shrinkMs,
);

async function play(steps: readonly Step[]): Promise<void> {
  await using stage = await openStage();
  const repositories = [
    await stage.github.repository({ owner: 'acme', name: 'shop' }),
    await stage.github.repository({ owner: 'globex', name: 'shop' }),
  ];
  for (const step of steps) {
    await carryOut(stage, repositories, step);
    expect(await stage.violated()).toEqual([]);
  }

  // Faults end; what was never told has to be found out.
  await carryOut(stage, repositories, { kind: 'calm' });
  await stage.settled();

  for (const pull of stage.pulls) if (pull.handle.view().state === 'open') await pull.close();
  await stage.settled();
  await soon(async () => expect((await stage.truth()).namespaces).toEqual([]));
  expect(stage.github.violations).toEqual([]);
}
