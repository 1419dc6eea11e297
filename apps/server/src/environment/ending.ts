import { sql } from 'kysely';
import type { Executor } from '../store/database.ts';
import type { Environment } from '../store/schema.ts';
import { enqueueEnvironment } from './transition.ts';

/** Why a generation ends although nobody closed its pull request. The code stands in `reason`, also when everything is removed. */
export const endings = {
  'environment.held': 'It was removed by hand. A push, a reopening or a retry makes a new one.',
  'pull_request.gone': 'GitHub no longer shows the pull request.',
  'repository.gone': 'GitHub no longer shows the repository to this server.',
  'installation.removed': 'The GitHub App was uninstalled.',
} as const;

export type Ending = keyof typeof endings;

/** The ending that a row carries; undefined where its pull request was simply closed. Pure. */
export function endingOf({ reason }: Pick<Environment, 'reason'>): Ending | undefined {
  return reason !== null && Object.hasOwn(endings, reason) ? (reason as Ending) : undefined;
}

/**
 * Ends an open generation for a reason other than its pull request. One that has ended keeps its own reason. The work is written
 * before the row, as everywhere. Returns whether this call was the one that ended it.
 */
export async function end(
  tx: Executor,
  environment: Pick<Environment, 'id' | 'repositoryId'>,
  reason: Ending,
): Promise<boolean> {
  await enqueueEnvironment(tx, environment);
  const { rows } = await sql`
    update environments set
      wanted_state = 'closed',
      held = ${reason === 'environment.held'},
      reason = ${reason},
      error_message = ${endings[reason]},
      updated_at = now()
    where id = ${environment.id} and wanted_state = 'open' returning 1`.execute(tx);
  return rows.length === 1;
}
