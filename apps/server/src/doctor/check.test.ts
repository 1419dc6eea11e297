import { setTimeout as wait } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { DatabaseUnreachable } from '../errors.ts';
import { runChecks, type Check } from './check.ts';

const well: Check = { name: 'well', run: async () => ({ ok: true, detail: 'fine' }) };

test('a check that fails says so in its own line and hides no other', async () => {
  const findings = await runChecks([
    { name: 'typed', run: async () => Promise.reject(new DatabaseUnreachable({ problem: 'gone' })) },
    { name: 'thrown', run: async () => Promise.reject(new Error('odd')) },
    { name: 'unsure', trouble: 'unknown', run: async () => Promise.reject(new Error('odd')) },
    well,
  ]);
  expect(findings).toEqual([
    {
      check: 'typed',
      ok: false,
      detail: 'The database cannot be used: gone.',
      hint: expect.stringContaining('DATABASE_URL') as unknown,
    },
    { check: 'thrown', ok: false, detail: 'odd' },
    { check: 'unsure', ok: null, detail: 'odd' },
    { check: 'well', ok: true, detail: 'fine' },
  ]);
});

test('checks run side by side, each with a deadline of its own', async () => {
  const seen: string[] = [];
  const findings = await runChecks(
    [
      { name: 'hangs', timeoutMs: 50, run: () => new Promise(() => {}) },
      { name: 'gives up', timeoutMs: 50, run: async (signal) => wait(60_000, { ok: true, detail: '' }, { signal }) },
      well,
    ],
    { onProgress: ({ check, state }) => seen.push(`${check} ${state}`) },
  );
  expect(findings.map(({ ok, detail }) => [ok, detail])).toEqual([
    [false, 'there was no answer within 0.05 s'],
    [false, 'there was no answer within 0.05 s'],
    [true, 'fine'],
  ]);
  expect(seen.slice(0, 4)).toEqual(['hangs started', 'gives up started', 'well started', 'well done']);
});

test('a check that was interrupted gets its time to take down what it made', async () => {
  const controller = new AbortController();
  const tidied = vi.fn();
  const running = runChecks(
    [
      {
        name: 'probe',
        tidyMs: 60_000,
        run: async (signal) => {
          await wait(60_000, undefined, { signal }).catch(() => {});
          await wait(1);
          tidied();
          return { ok: null, detail: 'interrupted' };
        },
      },
    ],
    { signal: controller.signal },
  );
  controller.abort();
  await running;
  expect(tidied).toHaveBeenCalledOnce();
});
