import type { Insertable } from 'kysely';
import type { Database } from '../src/store/database.ts';
import { insertEnvironment } from '../src/store/environments.ts';
import type { Environment, Tables } from '../src/store/schema.ts';
import { upsertUser } from '../src/store/users.ts';

export const shaOf = (digit: string): string => digit.repeat(40);

/** A row as the database would give it: pull request 12 of acme/shop, ready. */
export function environmentRow(change: Partial<Environment> = {}): Environment {
  return {
    id: 7,
    repositoryId: 42,
    repositoryFullName: 'acme/shop',
    repositoryName: 'shop',
    prNumber: 12,
    generation: 1,
    prTitle: 'Add a cart',
    branchName: 'feat/cart',
    isFork: false,
    commitSha: shaOf('a'),
    namespace: 'pr-12-shop-0123456789',
    host: 'pr-12-0123456789.preview.example',
    environmentUrl: 'http://pr-12-0123456789.preview.example:3001',
    status: 'ready',
    installationId: 5,
    ownerId: 1,
    wantedState: 'open',
    wantedSha: shaOf('a'),
    merged: false,
    held: false,
    reason: null,
    errorMessage: null,
    destroyingSince: null,
    lastDeployedAt: null,
    createdAt: new Date('2026-01-01T00:00:00Z'),
    updatedAt: new Date('2026-01-01T00:00:00Z'),
    destroyedAt: null,
    ...change,
  };
}

/** The same row in a database, owned by an account that is made for it. */
export async function storeEnvironment(
  db: Database,
  change: Partial<Insertable<Tables['environments']>> = {},
): Promise<Environment> {
  const owner = await upsertUser(db, { githubId: 1001, githubLogin: 'octocat', avatarUrl: null });
  const { id: _id, ownerId: _owner, ...row } = environmentRow();
  return insertEnvironment(db, { ...row, ownerId: owner.id, ...change });
}
