import type { GitHub, Installation } from '@ephemera/github';
import { githubErrors } from '@ephemera/github';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test as base } from 'vitest';
import { claimFor } from '../../test/claim.ts';
import { cloneDatabase } from '../../test/database.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import type { Database } from '../store/database.ts';
import { recordStatus } from '../store/events.ts';
import { installationById, markInstallationRemoved, saveInstallation } from '../store/installations.ts';
import { reportState, saveReportState, type WayName } from '../store/reports.ts';
import { enqueue } from '../store/work.ts';
import { refreshInstallation } from './refresh.ts';

interface Fixture {
  db: Database;
  /** One look at installation 5, with what GitHub says of it by its id and in its list. */
  refresh: (byId: Installation | undefined, list: Installation[] | Error) => Promise<{ level: number; msg: string }[]>;
}

const installation: Installation = {
  id: 5,
  account: 'acme',
  suspended: false,
  permissions: { statuses: 'write' },
  events: [],
};

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await saveInstallation(database.db, installation);
    await use(database.db);
  },
  refresh: async ({ db }, use) => {
    await use(async (byId, list) => {
      const logged: { level: number; msg: string }[] = [];
      const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line) as (typeof logged)[number]) });
      const github = {
        installation: async () => byId,
        installations: async () => {
          if (list instanceof Error) throw list;
          return list;
        },
      } satisfies Partial<GitHub> as unknown as GitHub;
      await db.deleteFrom('work').execute();
      await enqueue(db, { kind: 'installation', key: '5' });
      using claim = await claimFor(db, { kind: 'installation', key: '5' });
      await refreshInstallation({ github, compare: async () => {}, log })(claim);
      return logged;
    });
  },
});

async function open(db: Database, count: number): Promise<void> {
  for (let prNumber = 1; prNumber <= count; prNumber += 1)
    await storeEnvironment(db, { prNumber, namespace: `pr-${prNumber}` });
}

const ended = async (db: Database) =>
  (await db.selectFrom('environments').select('id').where('reason', '=', 'installation.removed').execute()).length;

test('a 404 of an installation that GitHub lists, or whose list cannot be read, ends nothing', async ({
  db,
  refresh,
}) => {
  await open(db, 2);
  const logged = await refresh(undefined, [installation]);
  expect(logged).toMatchObject([{ level: 50, msg: expect.stringContaining('nothing is concluded') as unknown }]);
  const incomplete = new githubErrors.GitHubIncomplete({ what: 'Listing installations', reason: 'cut' });
  await expect(refresh(undefined, incomplete)).rejects.toMatchObject({ code: 'github.incomplete' });
  expect(await ended(db)).toBe(0);
  expect(await installationById(db, 5)).toMatchObject({ state: 'active' });
});

test('an uninstalled App ends as many environments as a pass may, once, and cries out about the rest', async ({
  db,
  refresh,
}) => {
  await open(db, 12);
  const logged = await refresh(undefined, []);
  expect(await ended(db)).toBe(10);
  expect(await installationById(db, 5)).toMatchObject({ state: 'removed' });
  expect(logged.filter(({ level }) => level === 50)).toHaveLength(1);
  await refresh(undefined, []);
  expect(await ended(db)).toBe(10);
});

interface Told {
  readonly prNumber: number;
  readonly refused?: readonly WayName[];
  /** Whether GitHub heard of the last state. */
  readonly heard: boolean;
}

async function removed(db: Database, { prNumber, refused = [], heard }: Told): Promise<void> {
  const environment = await storeEnvironment(db, {
    prNumber,
    namespace: `pr-${prNumber}`,
    wantedState: 'closed',
    status: 'destroyed',
  });
  await recordStatus(db, { environmentId: environment.id, commitSha: environment.commitSha, status: 'destroyed' });
  const { rows } = await sql<{ id: number }>`select max(id) as id from events`.execute(db);
  const before = await reportState(db, 42, prNumber);
  await saveReportState(db, 42, prNumber, { ...before, lastEventId: heard ? (rows[0]?.id ?? 0) : 0, refused });
}

const reports = async (db: Database) => {
  const rows = await db.selectFrom('work').select('key').where('kind', '=', 'report').orderBy('key').execute();
  return rows.map(({ key }) => key);
};

test('what ended during a suspension is told after it, and so is what is open; what was told is not', async ({
  db,
  refresh,
}) => {
  await removed(db, { prNumber: 1, heard: false });
  await removed(db, { prNumber: 2, heard: true });
  await removed(db, { prNumber: 3, heard: true, refused: ['issues'] });
  await storeEnvironment(db, { prNumber: 4, namespace: 'pr-4' });
  await storeEnvironment(db, { prNumber: 5, namespace: 'pr-5', installationId: 6 });
  await refresh({ ...installation, suspended: true }, []);
  expect(await reports(db)).toEqual([]);
  await refresh(installation, []);
  expect(await reports(db)).toEqual(['42/1', '42/3', '42/4']);
  await refresh(installation, []);
  expect(await reports(db)).toEqual([]);
});

test('a permission that was granted has what could not be told for want of it told again', async ({ db, refresh }) => {
  await removed(db, { prNumber: 1, heard: true, refused: ['checks'] });
  await removed(db, { prNumber: 2, heard: true });
  await refresh({ ...installation, permissions: { statuses: 'write', checks: 'write' } }, []);
  expect(await reports(db)).toEqual(['42/1']);
});

test('an installation that was taken for removed and is back is told what it missed', async ({ db, refresh }) => {
  await removed(db, { prNumber: 1, heard: false });
  await markInstallationRemoved(db, 5);
  await refresh(installation, []);
  expect(await reports(db)).toEqual(['42/1']);
});
