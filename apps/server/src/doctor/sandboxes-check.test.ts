import { expect, test } from 'vitest';
import { judgeSandboxes, type SandboxesFound } from './sandboxes-check.ts';

const wanted = { namespace: 'boxes', account: 'ci-fixer-sandbox', jobNamespaces: ['builds'], asked: true };
const found = (change: Partial<SandboxesFound> = {}): SandboxesFound => ({
  exists: true,
  hasAccount: true,
  missing: [],
  runnerProblem: undefined,
  ...change,
});
const missing = [{ verb: 'create', group: '', resource: 'pods/exec' }];

test.each([
  [found(), wanted, true, 'boxes: all is there'],
  [found({ exists: false, missing }), wanted, false, 'boxes: there is no such namespace'],
  [found({ missing }), wanted, false, 'boxes: missing: create pods/exec'],
  [found({ hasAccount: false }), wanted, false, 'boxes: there is no account ci-fixer-sandbox'],
  [found({ runnerProblem: 'There is no runner.' }), wanted, false, 'boxes: There is no runner.'],
  [found({ missing, hasAccount: false }), { ...wanted, asked: false }, null, expect.stringContaining('missing')],
  [found(), { ...wanted, jobNamespaces: ['boxes'] }, false, expect.stringContaining('shell in every sandbox')],
  [found({ exists: undefined, hasAccount: undefined }), wanted, true, 'boxes: all is there'],
])('of sandboxes %j, %j: %s', (what, ask, ok, detail: unknown) => {
  expect(judgeSandboxes(what, ask)).toMatchObject({ ok, detail });
});
