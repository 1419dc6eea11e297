import { githubErrors, type GitHub } from '@ephemera/github';
import type { Logger } from 'pino';
import { parsePullRequestKey } from '../environment/transition.ts';
import type { Database } from '../store/database.ts';
import { generations } from '../store/environments.ts';
import { statusEventsAfter, timeline } from '../store/events.ts';
import { installationById } from '../store/installations.ts';
import { agoMs, reportState, saveReportState, type ReportState } from '../store/reports.ts';
import type { TimelineEvent } from '../store/schema.ts';
import type { Claim } from '../work/claim.ts';
import { again, done } from '../work/outcome.ts';
import type { Handler } from '../work/worker.ts';
import { passingMs, passingSince } from './passing.ts';
import { withRefusal } from './refusals.ts';
import { checkRun } from './tell-check-run.ts';
import { stickyComment } from './tell-comment.ts';
import { commitStatus } from './tell-status.ts';
import type { Means, Memory, News, Way } from './way.ts';

export interface ReportDeps {
  readonly db: Database;
  readonly github: GitHub;
  readonly log: Logger;
}

/**
 * Work of kind `report`: brings commit status, comment and check run of one pull request up to what the rows say. Nothing waits for
 * it: an environment is ready, and is removed, whether GitHub answers or not.
 */
export function publishReport({ db, github, log }: ReportDeps): Handler {
  return async (claim) => {
    const { repositoryId, prNumber } = parsePullRequestKey(claim.key);
    const told = await reportState(db, repositoryId, prNumber);
    const news = await newsOf(db, claim.key, told);
    if (!news) return done();
    const { installationId } = news.repository;
    const reportLog = log.child({ report: claim.key, installation: installationId });
    const installation = await installationById(db, installationId);
    if (installation && installation.state !== 'active') {
      reportLog.debug({ state: installation.state }, 'nobody is told: the App is not at work there any more');
      return done();
    }
    const means = { github, claim, log: reportLog, memory: memoryOf(claim, told) };
    try {
      const failures = await tryWay(commitStatus, news, means);
      const passingFor = await passingForMs(db, news, told);
      if (passingFor !== undefined && passingFor < passingMs) {
        if (failures.length > 0) throw failures[0];
        return again({ afterMs: passingMs - passingFor, because: 'the environment is only passing through' });
      }
      failures.push(...(await tellAtLength(news, means)));
      if (failures.length > 0) throw failures[0];
    } catch (error) {
      if (!isOver(error)) throw error;
      reportLog.debug({ err: error }, 'nobody is told: GitHub does not show the pull request to the App any more');
    }
    return done();
  };
}

const atLength: readonly Way[] = [stickyComment, checkRun];

/** Comment and check run. What the one may not say the other says for it, so a refusal has both looked at once more. */
async function tellAtLength(news: News, means: Means): Promise<unknown[]> {
  const failures: unknown[] = [];
  const refused = () => means.memory.state().refused;
  const before = refused();
  for (const way of atLength) failures.push(...(await tryWay(way, news, means)));
  if (failures.length > 0 || refused() === before) return failures;
  for (const way of atLength.filter(({ name }) => !refused().includes(name))) {
    failures.push(...(await tryWay(way, news, means)));
  }
  return failures;
}

/**
 * Tells in one way. A missing permission is remembered, logged once, and nobody's failure; what GitHub will not take however often it
 * is asked comes back as a value, so that the other ways are not held up by it. Everything else is thrown: it concerns them all.
 */
async function tryWay(way: Way, news: News, means: Means): Promise<unknown[]> {
  const { memory, log } = means;
  const { refused } = memory.state();
  try {
    const wrote = await way.tell(news, means);
    if (wrote && refused.includes(way.name)) {
      await memory.remember({ refused: withRefusal(refused, way.name, false) });
      log.info({ way: way.name }, 'GitHub lets the App write this again');
    }
    return [];
  } catch (error) {
    if (error instanceof githubErrors.GitHubPermissionMissing) {
      if (!refused.includes(way.name)) {
        log.warn({ err: error, way: way.name }, 'GitHub does not let the App write this');
        await memory.remember({ refused: withRefusal(refused, way.name, true) });
      }
      return [];
    }
    if (error instanceof githubErrors.GitHubInvalid || error instanceof githubErrors.GitHubForbidden) return [error];
    throw error;
  }
}

/** Where nobody is who could be told. */
function isOver(error: unknown): boolean {
  return error instanceof githubErrors.GitHubNotFound || error instanceof githubErrors.GitHubSuspended;
}

async function newsOf(db: Database, key: string, told: ReportState): Promise<News | undefined> {
  const { repositoryId, prNumber } = parsePullRequestKey(key);
  const unheard = await statusEventsAfter(db, repositoryId, prNumber, told.lastEventId);
  const [environment, ...earlier] = await generations(db, repositoryId, prNumber);
  if (!environment) return undefined;
  const read = new Map<number, Promise<readonly TimelineEvent[]>>();
  return {
    repository: { installationId: environment.installationId, fullName: environment.repositoryFullName },
    environment,
    earlier,
    unheard,
    timeline: ({ id }) => {
      const events = read.get(id) ?? timeline(db, id);
      read.set(id, events);
      return events;
    },
  };
}

async function passingForMs(
  db: Database,
  { environment, timeline: read }: News,
  { lastStatus: told }: ReportState,
): Promise<number | undefined> {
  const events = (await read(environment)).filter(({ kind }) => kind === 'status');
  const since = passingSince({ events, reason: environment.reason, told });
  return since && agoMs(db, since);
}

function memoryOf(claim: Claim, told: ReportState): Memory {
  const { repositoryId, prNumber } = parsePullRequestKey(claim.key);
  let state = told;
  return {
    state: () => state,
    remember: async (change) => {
      const next = { ...state, ...change };
      await claim.write((tx) => saveReportState(tx, repositoryId, prNumber, next));
      state = next;
    },
  };
}
