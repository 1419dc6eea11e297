import { githubErrors } from '@ephemera/github';
import { statusesFor, statusKey, type AskedStatus } from './statuses.ts';
import type { Means, News, Way } from './way.ts';

/** The commit status: what a branch's protection and a list of pull requests look at. */
export const commitStatus: Way = {
  name: 'statuses',
  tell: async (news, means) => {
    const { environment, unheard } = news;
    const { memory } = means;
    // Generations share their commits. What becomes of an earlier one says nothing about the commit any more: the comment tells of it.
    const current = unheard.filter(({ environmentId }) => environmentId === environment.id);
    const told = memory.state().lastStatus;
    let wrote = false;
    for (const status of statusesFor(current, { url: environment.environmentUrl, told })) {
      wrote = (await set(status, news, means)) || wrote;
    }
    const lastEventId = unheard.at(-1)?.id;
    if (lastEventId !== undefined) await memory.remember({ lastEventId });
    return wrote;
  },
};

async function set(
  status: AskedStatus,
  { repository, environment }: News,
  { github, claim, log, memory }: Means,
): Promise<boolean> {
  claim.assertHeld();
  try {
    await github.setCommitStatus(repository, status, claim.signal);
  } catch (error) {
    // A commit that a forced push has replaced may be gone from GitHub; those after it are told all the same.
    if (!(error instanceof githubErrors.GitHubInvalid) || status.sha === environment.commitSha) throw error;
    log.warn({ err: error }, 'GitHub does not take the status of a commit that is not the newest any more');
    return false;
  }
  await memory.remember({ lastStatus: statusKey(status), lastEventId: status.eventId });
  return true;
}
