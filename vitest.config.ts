import { defineConfig } from 'vitest/config';
import { filesOf, TIERS } from './scripts/test/tiers.ts';

// One project per tier, so that an editor, `npx vitest --project unit` and `npm test` run the same tests in the same way.
export default defineConfig({
  test: {
    pool: 'forks',
    projects: TIERS.map((tier, index) => ({
      test: {
        name: tier.name,
        ...filesOf(tier.name),
        globalSetup: tier.postgres ? ['apps/server/test/postgres.setup.ts'] : [],
        testTimeout: tier.timeoutMs,
        hookTimeout: tier.timeoutMs,
        maxWorkers: tier.workers,
        // Projects with different numbers of workers cannot share a group.
        sequence: { groupOrder: index, concurrent: tier.concurrent },
        maxConcurrency: 6,
      },
    })),
  },
});
