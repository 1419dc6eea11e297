import { githubErrors, type GitHub, type RepositoryRef } from '@ephemera/github';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Database, Executor } from '../store/database.ts';
import { installationById, listInstallations } from '../store/installations.ts';
import { markRepositoryMissing, repositoryById } from '../store/repositories.ts';
import { enqueue } from '../store/work.ts';
import type { Claim } from '../work/claim.ts';
import { done } from '../work/outcome.ts';
import type { Handler } from '../work/worker.ts';
import { locate } from './locate.ts';
import { move } from './move.ts';

export interface RefreshDeps {
  readonly db: Database;
  readonly github: GitHub;
  readonly log: Logger;
}

/**
 * Work of kind `repository`, whose key is its id: where is it now? One that GitHub does not show begins its grace here and loses nothing
 * yet: its environments are closed by a sweep that still misses it when the grace is over.
 */
export function refreshRepository({ db, github, log }: RefreshDeps): Handler {
  return async (claim) => {
    const id = Number(claim.key);
    const lastSeen = await lastSeenAt(db, claim, id);
    if (!lastSeen) return done();
    const { installationId } = lastSeen;
    const installation = await installationById(db, installationId);
    if (installation?.state === 'suspended') {
      log.info({ repository: lastSeen.fullName, installation: installationId }, 'the installation is suspended');
      return done();
    }
    let place: RepositoryRef | undefined;
    try {
      const installations = await placesToLook(db, installationId);
      place = await locate({ github, claim, installations }, id, lastSeen);
    } catch (error) {
      if (!aboutInstallation(error)) throw error;
      // The installation itself has changed, and its own work finds out how. The sweep comes back to the repository.
      await enqueue(db, { kind: 'installation', key: String(installationId) });
      log.info({ err: error, repository: lastSeen.fullName }, 'the repository’s installation does not answer for it');
      return done();
    }
    if (place) {
      const found = place;
      if (await claim.write((tx) => settle(tx, id, found)))
        log.info({ repository: found.fullName, before: lastSeen.fullName }, 'a repository has moved');
      return done();
    }
    await claim.write((tx) => markRepositoryMissing(tx, id));
    log.warn({ repository: lastSeen.fullName, id }, 'GitHub does not show a repository any more');
    return done();
  };
}

/** Writes down where it is, and looks again at what could not be read under another place. */
async function settle(tx: Executor, id: number, place: RepositoryRef): Promise<boolean> {
  const hint = { installationId: place.installationId, repositoryFullName: place.fullName };
  for (const key of await pullRequestsHintedElsewhere(tx, id, place))
    await enqueue(tx, { kind: 'pull-request', key, hint, fairKey: String(id) });
  return move(tx, id, place);
}

/**
 * An event that was sent before the repository moved, and worked on after its row was, still asks in the old place: the row says nothing
 * new then, and that work would wait for another event.
 */
async function pullRequestsHintedElsewhere(tx: Executor, id: number, place: RepositoryRef): Promise<readonly string[]> {
  const { rows } = await sql<{ key: string }>`
    select key from work
    where kind = 'pull-request' and key like ${`${id}/%`}
      and (hint ->> 'repositoryFullName', (hint ->> 'installationId')::bigint)
        is distinct from (${place.fullName}::text, ${place.installationId}::bigint)
    order by key`.execute(tx);
  return rows.map(({ key }) => key);
}

function aboutInstallation(error: unknown): boolean {
  return error instanceof githubErrors.GitHubNotFound || error instanceof githubErrors.GitHubSuspended;
}

/** An event knows better than the row: it came later. */
async function lastSeenAt(db: Database, { hint }: Claim, id: number): Promise<RepositoryRef | undefined> {
  if (hint) return { installationId: hint.installationId, fullName: hint.repositoryFullName };
  const known = await repositoryById(db, id);
  return known && { installationId: known.installationId, fullName: known.fullName };
}

async function placesToLook(db: Database, first: number): Promise<number[]> {
  const all = await listInstallations(db);
  const others = all.filter(({ id, state }) => state === 'active' && id !== first).map(({ id }) => id);
  return all.some(({ id, state }) => id === first && state === 'removed') ? others : [first, ...others];
}
