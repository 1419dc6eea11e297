import { sql } from 'kysely';
import { expect, test as base } from 'vitest';
import { claimFor } from '../../test/claim.ts';
import { cloneDatabase } from '../../test/database.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import { soon } from '../../test/world.ts';
import { move } from '../repository/move.ts';
import type { Database } from '../store/database.ts';
import { environmentById } from '../store/environments.ts';
import { enqueue } from '../store/work.ts';
import { destroyByHand, retry } from './command.ts';
import { end } from './ending.ts';
import { enqueueReport, transition } from './transition.ts';

const test = base.extend<{ db: Database }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
});

/** Until another transaction waits for a lock. */
async function untilOneWaits(db: Database): Promise<void> {
  await soon(async () => {
    const { rows } = await sql<{ waiting: number }>`
      select count(*) as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
    expect(rows[0]?.waiting).toBe(1);
  });
}

test.for<[string, (db: Database, id: number) => Promise<unknown>]>([
  ['removed by hand', destroyByHand],
  ['tried again', retry],
  [
    'moved with its repository',
    (db) => db.transaction().execute((tx) => move(tx, 42, { installationId: 6, fullName: 'acme/elsewhere' })),
  ],
])(
  'an environment that is %s while its work writes a state waits its turn, and both come through',
  async ([, command], { db }) => {
    const environment = await storeEnvironment(db);
    const work = { kind: 'environment', key: String(environment.id) } as const;
    await enqueue(db, work);
    using claim = await claimFor(db, work);
    const { asked } = await claim.write(async (tx) => {
      const asked = command(db, environment.id);
      await untilOneWaits(db);
      // The report, which whoever waits must not hold.
      await transition(tx, environment, { status: 'failed', because: { reason: 'kube.forbidden', message: 'no' } });
      return { asked };
    });
    await asked;
    expect(await environmentById(db, environment.id)).toMatchObject({ status: 'failed' });
  },
);

test('a retry that comes while the pull request is looked at waits its turn, and both come through', async ({ db }) => {
  const { id } = await storeEnvironment(db, { status: 'destroyed', wantedState: 'closed', held: true });
  const work = { kind: 'pull-request', key: '42/12' } as const;
  await enqueue(db, work);
  using claim = await claimFor(db, work);
  const { asked } = await claim.write(async (tx) => {
    const asked = retry(db, id);
    await untilOneWaits(db);
    await enqueueReport(tx, { repositoryId: 42, prNumber: 12 });
    return { asked };
  });
  expect(await asked).toMatchObject({ did: 'generation' });
});

test('a hold that comes while a retry waits for it is seen: the pull request is looked at', async ({ db }) => {
  const environment = await storeEnvironment(db);
  const { asked } = await db.transaction().execute(async (tx) => {
    await end(tx, environment, 'environment.held');
    const asked = retry(db, environment.id);
    await untilOneWaits(db);
    return { asked };
  });
  expect(await asked).toMatchObject({ did: 'generation' });
  const work = await db.selectFrom('work').select('key').where('kind', '=', 'pull-request').execute();
  expect(work).toEqual([{ key: '42/12' }]);
});
