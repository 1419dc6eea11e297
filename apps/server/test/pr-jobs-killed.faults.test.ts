import { setPriority } from 'node:os';
import { startFakeGitHub } from '@ephemera/fake-github';
import { expect, test } from 'vitest';
import { livePrJobs, type Disturbance } from './faults/pr-job-life.ts';

const jobMade = /^cluster POST .*\/jobs #1$/;
const jobRemoved = /^cluster DELETE .*\/jobs\/\{job\} #1$/;

/** But for what the server does beside, such as the stamp on a token. */
const isOfJobs = (effect: string) => /^cluster |^database .*\bpr_job_/.test(effect);

/** Where an effect that is there and was never heard of differs from the next one that has not happened yet: what is decided by it. */
const isWorthTwo = (effect: string) =>
  jobMade.test(effect) || jobRemoved.test(effect) || effect.startsWith('database insert pr_job_');

interface Case extends Disturbance {
  /** How many Jobs there are where nobody asks again. */
  readonly jobs: 0 | 1;
  /** Where at least it has to have been killed. */
  readonly expected: readonly RegExp[];
}

/** Server processes and waits for pods take the time: each life is cut off as often as it has points, and no point needs its own life. */
const lives: Record<string, Case> = {
  'before each effect of a create, which is repeated': {
    phase: 'create',
    side: 'before',
    isAt: isOfJobs,
    afterwards: 'repeats',
    jobs: 1,
    expected: [/insert pr_job_requests/, /insert pr_job_names/, / \S+\/rolebindings\S* #1$/, jobMade, /pr_job_events/],
  },
  'after what a create decides, which is repeated': {
    phase: 'create',
    side: 'after',
    isAt: isWorthTwo,
    afterwards: 'repeats',
    jobs: 1,
    expected: [/insert pr_job_requests/, /insert pr_job_names/, jobMade, /pr_job_events/],
  },
  'before each effect of a create until its Job is there, and nobody asks again': {
    phase: 'create',
    side: 'before',
    isAt: untilTheJob(),
    afterwards: 'leaves it',
    jobs: 0,
    expected: [/insert pr_job_requests/, /insert pr_job_names/, / \S+\/rolebindings\S* #1$/, jobMade],
  },
  'before each effect of a cleanup, which is repeated': {
    phase: 'cleanup',
    side: 'before',
    isAt: isOfJobs,
    afterwards: 'repeats',
    jobs: 1,
    expected: [jobRemoved, /DELETE .*\/deployments\//, /DELETE .*-config #1$/, /pr_job_events/],
  },
  'after what a cleanup decides, which is repeated': {
    phase: 'cleanup',
    side: 'after',
    isAt: isWorthTwo,
    afterwards: 'repeats',
    jobs: 1,
    expected: [jobRemoved, /pr_job_events/],
  },
  'in the middle of a cleanup, and nobody asks again': {
    phase: 'cleanup',
    side: 'before',
    isAt: (effect) => /DELETE .*(?:\/deployments\/|-config #1$)/.test(effect),
    afterwards: 'leaves it',
    jobs: 1,
    expected: [/DELETE .*\/deployments\//, /DELETE .*-config #1$/],
  },
};

/** With the making of the Job, and nothing after it. */
function untilTheJob(): (effect: string) => boolean {
  let isMade = false;
  return (effect) => {
    if (isMade || !isOfJobs(effect)) return false;
    isMade = jobMade.test(effect);
    return true;
  };
}

test(
  'kill -9 before and after each side effect of a create and a cleanup leaves nothing, and makes no job twice',
  { timeout: 600_000 },
  async () => {
    // This process and all that it starts: tests run beside it that promise answers in seconds, and here nothing is measured.
    setPriority(5);
    await using github = await startFakeGitHub({ port: 0 });
    const problems: string[] = [];
    const live = async ([title, { jobs, expected, ...disturbance }]: [string, Case]): Promise<void> => {
      try {
        const life = await livePrJobs(github, disturbance);
        process.stdout.write(`${title}:\n  ${life.killedAt.join('\n  ')}\n`);
        for (const point of expected) expect(life.killedAt).toContainEqual(expect.stringMatching(point));
        const cutOff = disturbance.afterwards === 'repeats' ? [] : life.killedAt.map(() => jobs);
        expect(life.jobs).toEqual([...cutOff, 1]);
      } catch (error) {
        problems.push(`${title}: ${String(error)}`);
      }
    };
    // Most of a life is waiting for the cluster and for servers to start.
    await Promise.all(Object.entries(lives).map(live));
    expect(problems).toEqual([]);
  },
);
