import { expect } from 'vitest';
import { test } from '../test/fixture.ts';

const run = (sha: string, title: string) =>
  ({
    name: 'Ephemera environment',
    sha,
    externalId: 'environment 7, generation 1',
    status: 'in_progress',
    title,
    summary: 'What happened so far.',
    detailsUrl: 'http://pr-1.preview.example',
  }) as const;

test('a check run is made once and updated after that', async ({ github, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const id = await github.checkRun(ref, run(pull.sha(), 'one'));
  relay.calls.length = 0;
  const ended = { ...run(pull.sha(), 'two'), id, status: 'completed', conclusion: 'failure' } as const;
  expect(await github.checkRun(ref, ended)).toBe(id);
  expect(relay.calls).toHaveLength(1);
  expect(pull.view().checks).toMatchObject([{ status: 'completed', conclusion: 'failure' }]);
});

test('when its id is lost, the check run is found again by commit and external id', async ({ github, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const id = await github.checkRun(ref, run(pull.sha(), 'one'));
  expect(await github.checkRun(ref, run(pull.sha(), 'two'))).toBe(id);
  expect(pull.view().checks).toHaveLength(1);
});

test('a check run of another environment on the same commit is left alone', async ({ github, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const id = await github.checkRun(ref, run(pull.sha(), 'one'));
  const other = { ...run(pull.sha(), 'two'), externalId: 'environment 8, generation 2' };
  expect(await github.checkRun(ref, other)).not.toBe(id);
});

test('a check run of another App is not taken, though it has the same external id', async ({
  github,
  relay,
  shop,
  ref,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const foreign = { id: 1, external_id: 'environment 7, generation 1', app: { id: 2 } };
  relay.change = ({ method, path }, body) =>
    method === 'GET' && path.includes('/check-runs') ? { total_count: 1, check_runs: [foreign] } : body;
  expect(await github.checkRun(ref, run(pull.sha(), 'one'))).not.toBe(foreign.id);
});

test('an error while looking for it is no reason to make a second one', async ({ github, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await github.checkRun(ref, run(pull.sha(), 'one'));
  relay.instead = ({ method, path }) =>
    method === 'GET' && path.includes('/check-runs') ? { status: 502, body: {} } : undefined;
  await expect(github.checkRun(ref, run(pull.sha(), 'two'))).rejects.toMatchObject({ code: 'github.unavailable' });
  expect(pull.view().checks).toHaveLength(1);
});

test('a missing permission is an error that names it', async ({ github, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  relay.instead = ({ path }) =>
    path.includes('/check-runs')
      ? { status: 403, body: { message: 'Resource not accessible by integration' } }
      : undefined;
  await expect(github.checkRun(ref, run(pull.sha(), 'one'))).rejects.toMatchObject({
    code: 'github.permission_missing',
    details: { permission: 'checks: read' },
  });
});
