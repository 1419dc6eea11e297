import { githubErrors, type CheckRun } from '@ephemera/github';
import type { Environment } from '../store/schema.ts';
import { renderCheckRun } from './check-run.ts';
import { hashOf } from './hash.ts';
import { refusalSentences, withRefusal } from './refusals.ts';
import type { Means, News, Way } from './way.ts';

/** One check run per head commit, with the timeline of what happened there. */
export const checkRun: Way = {
  name: 'checks',
  tell: async (news, means) => {
    const { environment } = news;
    const { memory } = means;
    const left = await leaveEarlier(news, means);
    const { refused, checkRunId, checkRunSha } = memory.state();
    const run = renderCheckRun({
      environment,
      events: await news.timeline(environment),
      sha: environment.commitSha,
      current: true,
      // Said once: the comment says it, unless that is what is refused.
      notes: refused.includes('issues') ? refusalSentences(withRefusal(refused, 'checks', false)) : [],
    });
    if (!run) return left;
    const known = checkRunSha === run.sha && checkRunId !== null ? checkRunId : undefined;
    return (await write({ ...run, id: known }, news, means)) || left;
  },
};

/** A check run of a commit that is not the newest any more gets its last word: nothing would ever end it otherwise. */
async function leaveEarlier(news: News, means: Means): Promise<boolean> {
  const { environment, earlier } = news;
  const { memory, log } = means;
  const { checkRunId, checkRunSha } = memory.state();
  if (checkRunSha === null || checkRunId === null || checkRunSha === environment.commitSha) return false;
  const run = await lastWord(checkRunSha, news, [environment, ...earlier]);
  let wrote = false;
  try {
    if (run) wrote = await write({ ...run, id: checkRunId }, news, means);
  } catch (error) {
    if (!(error instanceof githubErrors.GitHubInvalid)) throw error;
    log.warn({ err: error }, 'GitHub does not take the check run of a commit that is not the newest any more');
  }
  await memory.remember({ checkRunId: null, checkRunSha: null, lastCheckRun: null });
  return wrote;
}

async function lastWord(
  sha: string,
  { timeline }: News,
  generations: readonly Environment[],
): Promise<CheckRun | undefined> {
  for (const environment of generations) {
    const run = renderCheckRun({ environment, events: await timeline(environment), sha, current: false });
    if (run) return run;
  }
  return undefined;
}

async function write(run: CheckRun, { repository }: News, { github, claim, memory }: Means): Promise<boolean> {
  const { id: _id, ...said } = run;
  const lastCheckRun = hashOf(JSON.stringify(said));
  if (run.id !== undefined && lastCheckRun === memory.state().lastCheckRun) return false;
  claim.assertHeld();
  const checkRunId = await github.checkRun(repository, run, claim.signal);
  await memory.remember({ checkRunId, checkRunSha: run.sha, lastCheckRun });
  return true;
}
