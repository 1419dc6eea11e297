import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { preparation } from './prepare.ts';
import { runAll } from './run-all.ts';
import { TIERS } from './tiers.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'ephemera-prepare-'));
  // A file where the folder of built programs has to be: building fails as it does without the modules, only sooner.
  writeFileSync(join(cache, 'tools'), '');
  vi.stubEnv('EPHEMERA_CACHE', cache);
  // Preparing for a context says so here.
  vi.stubEnv('EPHEMERA_TEST_CONTEXT', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

const root = join(import.meta.dirname, '..', '..');
const journey = TIERS.filter(({ name }) => name === 'journey');

function prepared(signal: AbortSignal) {
  const said: string[] = [];
  const files = ['packages/pulumi'];
  const made = preparation({ root, files, context: 'theirs', say: (line) => said.push(line), signal });
  return { said, prepare: () => made.prepare(journey[0] as (typeof TIERS)[number]) };
}

test("when Pulumi's command line cannot be built, that is one failure with its reason, and the tier runs", async () => {
  const { said, prepare } = prepared(new AbortController().signal);
  expect(await prepare()).toEqual({ failed: 1 });
  expect(said).toContainEqual(expect.stringMatching(/^failed: packages\/pulumi \(.*tools/));
});

test('an interrupted build is no failure of its own: it ends the run', async () => {
  const { prepare } = prepared(AbortSignal.abort());
  await expect(prepare()).rejects.toThrow('aborted');
});

test('what could not be prepared counts beside what the tests did', async () => {
  const say = () => undefined;
  const preparation = { prepare: async () => ({ cannot: 'no cluster', failed: 1 }), undo: async () => undefined };
  const flags = { check: false, tiers: journey, files: [], context: undefined };
  const signal = new AbortController().signal;
  expect(await runAll({ root, flags, preparation, say, signal })).toEqual([
    {
      passed: 0,
      failed: 1,
      skipped: 1,
      failures: ['journey: what it needs could not all be prepared, see above', 'journey: no cluster'],
    },
  ]);
});
