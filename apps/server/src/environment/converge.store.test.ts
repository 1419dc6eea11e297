import { sql } from 'kysely';
import { expect } from 'vitest';
import { storeEnvironment } from '../../test/environment-row.ts';
import { test } from '../../test/reconciling.ts';
import type { Refusal } from '../../test/object-server.ts';
import { soon } from '../../test/world.ts';
import { living } from '../ledger/ledger.ts';
import { environmentById } from '../store/environments.ts';
import { timeline } from '../store/events.ts';
import { destroyByHand } from './command.ts';

test.for<[string, { refusal?: Refusal; phase?: string }]>([
  ['works', {}],
  ['is to be tried again', { refusal: { code: 401, reason: 'Unauthorized' } }],
  ['is refused for good', { refusal: { code: 403, reason: 'Forbidden' } }],
  ['waits for the cluster', { phase: 'Pending' }],
])(
  'an environment that somebody destroys during a step that %s says at its end that it was by hand',
  async ([, { refusal, phase = 'Active' }], { db, api, reconcile }) => {
    const { id } = await storeEnvironment(db, { status: 'pending' });
    api.statusOf['Namespace'] = { phase };
    api.before.each = async (method) => {
      if (method !== 'PATCH') return undefined;
      await destroyByHand(db, id);
      return refusal;
    };
    expect(await reconcile(id)).toMatchObject({ kind: 'again', afterMs: 0 });
    expect(await environmentById(db, id)).toMatchObject({ wantedState: 'closed', reason: 'environment.held' });

    api.before.each = () => undefined;
    for (const entry of await living(db, id)) if (entry.uid !== null) await reconcile(id);
    await reconcile(id, new Date(Date.now() + 120_000));
    expect(await environmentById(db, id)).toMatchObject({ status: 'destroyed', reason: 'environment.held' });
    const messages = (await timeline(db, id)).map(({ message }) => message ?? '').join('\n');
    expect(messages).toContain('It was removed by hand.');
    expect(messages).not.toContain('The pull request is closed');
  },
);

test('the code that says why an environment ends outlives an API that refuses its removal', async ({
  db,
  api,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  await reconcile(id);
  await destroyByHand(db, id);
  api.before.each = () => ({ code: 403, reason: 'Forbidden' });
  await reconcile(id);
  const refused = await environmentById(db, id);
  expect(refused).toMatchObject({ status: 'destroying', reason: 'environment.held' });
  expect(refused?.errorMessage).toContain('cannot be removed');

  api.before.each = () => undefined;
  for (const _time of ['asked', 'confirmed']) await reconcile(id);
  expect(await environmentById(db, id)).toMatchObject({ status: 'destroyed', reason: 'environment.held' });
});

test('a quota that the cluster does not count is looked at less and less often, and said once', async ({
  db,
  api,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  api.statusOf['ResourceQuota'] = undefined;
  expect(await reconcile(id)).toMatchObject({ kind: 'again', afterMs: 200 });
  const said = await environmentById(db, id);
  expect(said).toMatchObject({ status: 'provisioning', reason: 'environment.waiting' });
  expect((await timeline(db, id)).map(({ name }) => name)).toEqual(['provisioning', 'namespace', 'guardrails']);

  await db
    .updateTable('events')
    .set({ at: new Date(Date.now() - 100_000) })
    .execute();
  const outcome = await reconcile(id);
  expect(outcome.kind === 'again' && outcome.afterMs).toBeGreaterThanOrEqual(20_000);
  expect(await environmentById(db, id)).toEqual(said);
});

test('steps stand in the timeline in their order, each with the time at which it was done', async ({
  db,
  api,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  // The database's clock, which is that of the timeline.
  const clock = async () => {
    const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
    return rows[0]?.now.getTime() ?? 0;
  };
  const asked: number[] = [];
  api.before.each = async (method, path) => {
    if (method !== 'GET' || !path.endsWith('/resourcequotas/environment')) return undefined;
    const now = await clock();
    asked.push(now);
    await soon(async () => expect(await clock()).toBeGreaterThan(now + 100), { interval: 5 });
    return undefined;
  };
  await reconcile(id);
  const events = await timeline(db, id);
  expect(events.map(({ name }) => name)).toEqual(['provisioning', 'namespace', 'guardrails', 'quota', 'ready']);
  const times = events.map(({ at }) => at.getTime());
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  // Written with the state that followed, but done before the quota was looked at. A millisecond is what a Date leaves out.
  const [guardrails = 0, looked = 0] = [times[2], asked.at(-1)];
  expect(guardrails).toBeLessThanOrEqual(looked + 1);
});

test('after a guardrail that is refused no other is sent, and the environment says why', async ({
  db,
  api,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  const arrived: string[] = [];
  api.before.each = async (method, path) => {
    if (method !== 'PATCH' || !/\/pr-12-shop-0123456789\/./.test(path)) return undefined;
    arrived.push(path);
    return { code: 403, reason: 'Forbidden' };
  };
  await reconcile(id);
  expect(await environmentById(db, id)).toMatchObject({ status: 'failed', reason: 'kube.forbidden' });
  expect(arrived).toHaveLength(1);
});
