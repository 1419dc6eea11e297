import { test as base } from 'vitest';
import { saveRepository } from '../src/store/repositories.ts';
import { startPrJobApp, type Asking, type PrJobApp } from './pr-job-app.ts';

interface WithPrJobs {
  app: PrJobApp;
  /** A caller who may do everything. */
  ci: Asking;
}

/** A test with the endpoint of pull-request jobs. */
export const test = base.extend<WithPrJobs>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  app: async ({}, use) => {
    await using app = await startPrJobApp();
    await use(app);
  },
  ci: async ({ app }, use) => use(await app.as()),
});

interface Callers {
  /** Known to the server before the test begins. */
  repositories: readonly number[];
  /** For everything, for acme/shop (42), and for acme/blog (43). */
  anyone: Asking;
  shop: Asking;
  blog: Asking;
}

/** The same with two repositories, and a caller for each. */
export const testOfRepositories = test.extend<Callers>({
  repositories: [
    async ({ app }, use) => {
      const { db } = app.server.database;
      await saveRepository(db, { id: 42, installationId: 5, fullName: 'acme/shop' });
      await saveRepository(db, { id: 43, installationId: 5, fullName: 'acme/blog' });
      await use([42, 43]);
    },
    { auto: true },
  ],
  anyone: async ({ app }, use) => use(await app.as()),
  shop: async ({ app, repositories: _ }, use) => use(await app.as({ repositories: ['acme/shop'] })),
  blog: async ({ app, repositories: _ }, use) => use(await app.as({ repositories: ['acme/blog'] })),
});
