import { sql } from 'kysely';
import type { Executor } from './database.ts';

export interface GitHubUser {
  readonly githubId: number;
  readonly githubLogin: string;
  readonly avatarUrl: string | null;
}

/**
 * The row of a GitHub account, made or brought up to date: logins change, ids do not. Written only when something is new: a row that is
 * written stays locked until the end of the transaction, and the pull requests of one author would wait for each other.
 */
export async function upsertUser(db: Executor, user: GitHubUser): Promise<{ id: number }> {
  const known = await db
    .selectFrom('users')
    .select('id')
    .where('githubId', '=', user.githubId)
    .where('githubLogin', '=', user.githubLogin)
    .where(sql<boolean>`avatar_url is not distinct from ${user.avatarUrl}`)
    .executeTakeFirst();
  return known ?? writeUser(db, user);
}

async function writeUser(db: Executor, user: GitHubUser): Promise<{ id: number }> {
  return db
    .insertInto('users')
    .values(user)
    .onConflict((conflict) =>
      conflict
        .column('githubId')
        .doUpdateSet({ githubLogin: user.githubLogin, avatarUrl: user.avatarUrl, updatedAt: sql<Date>`now()` }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
}
