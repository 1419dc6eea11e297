import type { CheckRun } from '@ephemera/github';
import type { EnvironmentStatus } from '@ephemera/model';
import type { Environment, TimelineEvent } from '../store/schema.ts';
import { code } from './markdown.ts';

/** Not the context of the commit status: GitHub shows both in one list, and a required check has to mean one of them. */
export const checkRunName = 'Ephemera environment';

/** GitHub takes 65,535; what is left over is room for the sentence before the table. */
const mostTable = 60_000;

type Facts = Pick<Environment, 'id' | 'generation' | 'environmentUrl' | 'status' | 'errorMessage'>;

export interface CheckRunInput {
  readonly environment: Facts;
  /** The environment's whole timeline, oldest first. */
  readonly events: readonly TimelineEvent[];
  readonly sha: string;
  /** False: the pull request has left this commit, or this environment, for a newer one. */
  readonly current: boolean;
  /** Sentences about ways of telling that GitHub refuses. */
  readonly notes?: readonly string[];
}

type Verdict = Pick<CheckRun, 'status' | 'conclusion' | 'title'> & { readonly sentence: string };

/** The check run of one commit: what became of the environment there, and how. Undefined while there is nothing to say. Pure. */
export function renderCheckRun(input: CheckRunInput): CheckRun | undefined {
  const { environment, events, sha, current, notes = [] } = input;
  const shown = untilLastAnswer(events.filter(({ commitSha }) => commitSha === sha));
  const last = shown.findLast(({ kind }) => kind === 'status');
  if (!last) return undefined;
  const { sentence, ...verdict } = current ? verdictOf(last, environment) : afterwards(last, environment);
  return {
    ...verdict,
    name: checkRunName,
    sha,
    externalId: `environment ${environment.id}, generation ${environment.generation}`,
    summary: [sentence, ...notes, '', ...table(shown)].join('\n'),
    // What was removed has no address any more.
    ...(last.name === 'destroyed' ? {} : { detailsUrl: environment.environmentUrl }),
  };
}

/** While something is being removed, the last answer stands: GitHub hears of it when it is over, or when it fails. */
function untilLastAnswer(events: readonly TimelineEvent[]): readonly TimelineEvent[] {
  const last = events.findLastIndex(({ kind }) => kind === 'status');
  return events[last]?.name === 'destroying' ? untilLastAnswer(events.slice(0, last)) : events;
}

function verdictOf({ name, message }: TimelineEvent, { status, errorMessage }: Facts): Verdict {
  const so = errorMessage !== null && status === name ? ` So far: ${code(errorMessage, { longest: 1_000 })}` : '';
  switch (name as EnvironmentStatus) {
    case 'pending':
    case 'provisioning':
      return running('The environment is being prepared', `A namespace of its own is being made.${so}`);
    case 'updating':
      return running('The environment is being updated', `The environment follows the new commit.${so}`);
    case 'ready':
      return ended(
        'success',
        'The environment is ready',
        so ? `It is there, but not all is well.${so}` : 'Everything is in place.',
      );
    case 'failed':
      // The message of a failure holds its hint.
      return ended(
        'failure',
        'The environment failed',
        `What happened: ${code(message ?? 'no reason was recorded', { longest: 2_000 })}`,
      );
    case 'destroying':
    case 'destroyed':
      return ended('neutral', 'Removed', 'Nothing of the environment is left in the cluster.');
  }
}

/** Of a commit that the pull request has left, the end stands; without one, nobody waits for it any more. */
function afterwards(last: TimelineEvent, environment: Facts): Verdict {
  const verdict = verdictOf(last, environment);
  return verdict.status === 'completed'
    ? verdict
    : ended('neutral', 'Superseded', 'A newer commit came before the environment was ready for this one.');
}

const running = (title: string, sentence: string): Verdict => ({ status: 'in_progress', title, sentence });

const ended = (conclusion: 'success' | 'failure' | 'neutral', title: string, sentence: string): Verdict => ({
  status: 'completed',
  conclusion,
  title,
  sentence,
});

/** The newest lines matter most: what does not fit is left out at the top. */
function table(events: readonly TimelineEvent[]): string[] {
  const [first] = events;
  if (!first) return [];
  const rows: string[] = [];
  let length = 0;
  for (const event of events.toReversed()) {
    const row = `| ${sinceStart(first.at, event.at)} | ${what(event)} | ${event.message === null ? '' : code(event.message)} |`;
    length += row.length + 1;
    if (length > mostTable) break;
    rows.unshift(row);
  }
  const missing = events.length - rows.length;
  return [
    '| Time | What happened | Message |',
    '| ---: | --- | --- |',
    ...(missing === 0 ? [] : [`| | ${missing} earlier lines are left out | |`]),
    ...rows,
  ];
}

function what({ kind, name }: TimelineEvent): string {
  return kind === 'step' ? `${code(name)} done` : code(name);
}

function sinceStart(start: Date, at: Date): string {
  return `${(Math.max(0, at.getTime() - start.getTime()) / 1000).toFixed(1)} s`;
}
