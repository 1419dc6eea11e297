import type { FakeGitHub, FakePull } from '@ephemera/fake-github';
import { connectGitHub, type GitHub } from '@ephemera/github';
import { sql } from 'kysely';
import { pino } from 'pino';
import { test as base } from './with-github.ts';
import { pullRequestKey } from '../src/environment/transition.ts';
import { publishReport } from '../src/report/publish.ts';
import type { Database } from '../src/store/database.ts';
import type { Environment } from '../src/store/schema.ts';
import { enqueue, finish } from '../src/store/work.ts';
import type { Outcome } from '../src/work/outcome.ts';
import { claimFor } from './claim.ts';
import { storeEnvironment } from './environment-row.ts';
import { installationOf } from './installation.ts';

export interface ReportFixture {
  pull: FakePull;
  /** Pending, on the pull request's head, without an event so far. */
  environment: Environment;
  /** What the report has logged, level and message. */
  logged: string[];
  /** The fake, as the server speaks to it. */
  github: GitHub;
  /** One run of the report on the pull request. */
  publish: (github?: GitHub) => Promise<Outcome>;
}

export const test = base.extend<ReportFixture>({
  pull: async ({ shop }, use) => {
    await use(await shop.open({ head: 'feat/cart' }));
  },
  environment: async ({ db, fake, shop, pull }, use) => {
    const about = { repositoryId: shop.id, prNumber: pull.number, commitSha: pull.sha(), wantedSha: pull.sha() };
    const installationId = await installationOf(fake, shop.fullName);
    await use(await storeEnvironment(db, { ...about, installationId, status: 'pending' }));
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  logged: async ({}, use) => {
    await use([]);
  },
  github: async ({ fake }, use) => {
    await use(connectedTo(fake));
  },
  publish: async ({ db, environment, github, logged }, use) => {
    const { repositoryId, prNumber } = environment;
    const lines = {
      write: (line: string) => {
        const { level, msg } = JSON.parse(line) as { level: number; msg: string };
        logged.push(`${pino.levels.labels[level]}: ${msg}`);
      },
    };
    const log = pino({ level: 'debug' }, lines);
    await use(async (by = github) => {
      const work = { kind: 'report', key: pullRequestKey(repositoryId, prNumber) } as const;
      await db.deleteFrom('work').execute();
      await enqueue(db, work);
      using claim = await claimFor(db, work);
      const outcome = await publishReport({ db, github: by, log })(claim);
      await finish(db, claim.lease, 1);
      return outcome;
    });
  },
});

export function connectedTo(
  { settings, url }: Pick<FakeGitHub, 'settings' | 'url'>,
  apiUrl = url,
): ReturnType<typeof connectGitHub> {
  const { GITHUB_APP_ID: appId, GITHUB_APP_PRIVATE_KEY_PATH: privateKeyPath } = settings;
  return connectGitHub({ apiUrl, appId, privateKeyPath });
}

/** Makes everything that happened so far a minute older: nothing is only passing through any more. */
export async function age(db: Database): Promise<void> {
  await sql`update events set at = at - interval '1 minute'`.execute(db);
}

/** `state: description` of every commit status, oldest first. */
export const statuses = (pull: FakePull): string[] =>
  pull.view().statuses.map(({ state, description }) => `${state}: ${description}`);
