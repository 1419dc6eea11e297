import { githubErrors, type ConnectedGitHub, type GitHub } from '@ephemera/github';
import type { Logger } from 'pino';
import type { Database } from '../store/database.ts';
import { takeWrite, type WriteLimits } from '../store/github-writes.ts';
import { noteInstallation } from '../store/installations.ts';
import { pause, pauseOf } from '../store/pauses.ts';
import { BudgetSpent } from './errors.ts';

export interface LimitedGitHubOptions {
  readonly github: ConnectedGitHub;
  readonly db: Database;
  readonly limits: WriteLimits;
  readonly log: Logger;
  /** Default: the database's clock, which all servers share. */
  readonly now?: () => Date;
}

const spreadMs = { minute: 5_000, hour: 60_000 } as const;

/**
 * GitHub within its limits, counted per installation in the database, so that several servers share them. Calls are refused at once,
 * with `details.retryAfterMs`, while GitHub wants to be left alone (`github.rate_limited`), and writes also when their budget is spent
 * (`github.budget_spent`). Nothing waits in here: a worker that waited would hold its lease, and its place, for nothing.
 */
export function limitedGitHub({ github, db, limits, log, now }: LimitedGitHubOptions): GitHub {
  return github.guardedBy({
    beforeCall: async (installationId, what) => {
      const { known, pause: paused } = await pauseOf(db, installationId, now?.());
      if (!known) await noteInstallation(db, installationId);
      if (paused) throw new githubErrors.GitHubRateLimited({ what, retryAfterMs: paused.leftMs });
    },
    beforeWrite: async (installationId, what) => {
      const taken = await takeWrite(db, installationId, limits, now?.());
      if (taken.kind === 'taken') return;
      const { per } = taken;
      // Everybody who waits for the next write would come back for it at once, and all but one in vain.
      const retryAfterMs = taken.retryAfterMs + Math.round(Math.random() * spreadMs[per]);
      throw new BudgetSpent({ what, installationId, per, retryAfterMs });
    },
    limited: async (installationId, error) => {
      const forMs = Number(error.details['retryAfterMs']);
      try {
        await pause(db, installationId, { forMs, because: error.message, now: now?.() });
        log.warn({ installation: installationId, retryAfterMs: forMs }, 'GitHub wants to be left alone for a while');
      } catch (thrown) {
        // The caller still learns what GitHub said; the next one asks GitHub once more.
        log.warn({ err: thrown, installation: installationId }, 'a pause that GitHub asked for could not be recorded');
      }
    },
  });
}
