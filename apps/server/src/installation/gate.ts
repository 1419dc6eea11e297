import type { Logger } from 'pino';
import { parsePullRequestKey } from '../environment/transition.ts';
import type { Database } from '../store/database.ts';
import { latestEnvironment } from '../store/environments.ts';
import { installationById } from '../store/installations.ts';
import { enqueue } from '../store/work.ts';
import { done } from '../work/outcome.ts';
import type { Handler } from '../work/worker.ts';

/**
 * Runs work about one pull request only while the App may ask GitHub about it. Where its installation is suspended or removed the work
 * ends: every try would be refused, and the end of a suspension brings back whatever is still true.
 */
export function whileInstalled({ db, log }: { db: Database; log: Logger }, handler: Handler): Handler {
  return async (claim) => {
    const { repositoryId, prNumber } = parsePullRequestKey(claim.key);
    const newest = await latestEnvironment(db, repositoryId, prNumber);
    const id = claim.hint?.installationId ?? newest?.installationId;
    const installation = id === undefined ? undefined : await installationById(db, id);
    if (installation === undefined || installation.state === 'active') return handler(claim);
    log.info(
      { key: claim.key, installation: installation.id, state: installation.state },
      'the App’s installation is not active: nothing is asked of GitHub',
    );
    // A webhook came from it all the same, so it may be active again without our having heard of that.
    if (claim.hint) await enqueue(db, { kind: 'installation', key: String(installation.id) });
    return done();
  };
}
