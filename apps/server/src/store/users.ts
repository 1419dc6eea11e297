import { sql } from 'kysely';
import type { Executor } from './database.ts';

export interface GitHubUser {
  readonly githubId: number;
  readonly githubLogin: string;
  readonly avatarUrl: string | null;
}

/** The row of a GitHub account, made or brought up to date: logins change, ids do not. */
export async function upsertUser(db: Executor, user: GitHubUser): Promise<{ id: number }> {
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
