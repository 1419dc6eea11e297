import { startFakeGitHub, type FakeGitHub, type FakeRepository } from '@ephemera/fake-github';
import { expect, test as base } from 'vitest';
import type { Database } from '../src/store/database.ts';
import { cloneDatabase } from './database.ts';

export interface WithGitHub {
  db: Database;
  fake: FakeGitHub;
  /** `acme/shop`, where the App is installed. */
  shop: FakeRepository;
}

/** A test with a database and a GitHub of its own, each started for those that ask for it; GitHub's rules are kept at the end. */
export const test = base.extend<WithGitHub>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  fake: async ({}, use) => {
    await using fake = await startFakeGitHub();
    await use(fake);
    expect(fake.violations).toEqual([]);
  },
  shop: async ({ fake }, use) => {
    await use(await fake.repository({ owner: 'acme', name: 'shop' }));
  },
});
