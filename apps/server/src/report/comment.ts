import type { EnvironmentStatus } from '@ephemera/model';
import { endingOf, endings } from '../environment/ending.ts';
import type { Environment } from '../store/schema.ts';
import { code } from './markdown.ts';

/** By this the comment is found again when its id was lost. Part of the body, invisible to people. */
export const commentMarker = '<!-- ephemera:environment -->';

type Facts = Pick<
  Environment,
  | 'status'
  | 'namespace'
  | 'environmentUrl'
  | 'host'
  | 'commitSha'
  | 'branchName'
  | 'reason'
  | 'errorMessage'
  | 'merged'
  | 'createdAt'
  | 'destroyedAt'
  | 'generation'
  | 'held'
>;

type Earlier = Pick<Environment, 'status' | 'namespace' | 'errorMessage'>;

const headings: Record<EnvironmentStatus, string> = {
  pending: '🟡 Environment is being prepared',
  provisioning: '🟡 Environment is being prepared',
  ready: '🟢 Environment is ready',
  updating: '🟡 Environment is being updated',
  failed: '🔴 Environment failed',
  destroying: '⚪ Environment is being removed',
  destroyed: '⚪ Environment is removed',
};

/**
 * The one comment on a pull request: the state of its newest generation, what of earlier ones is still there, and `notes`, sentences
 * of our own. Pure.
 */
export function renderComment(
  environment: Facts,
  earlier: readonly Earlier[] = [],
  notes: readonly string[] = [],
): string {
  const rows = [
    ['Commit', `${code(environment.commitSha.slice(0, 7))} on ${code(environment.branchName)}`],
    ['Namespace', code(environment.namespace)],
    ['Status', code(environment.status)],
  ];
  const url = linkFor(environment);
  if (url !== undefined) rows.unshift(['URL', url]);
  return [
    commentMarker,
    `## ${headings[environment.status]}`,
    '',
    sentence(environment),
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| **${name}** | ${value} |`),
    '',
    ...earlier.filter(({ status }) => status !== 'destroyed').flatMap(stillThere),
    ...notes.flatMap((note) => [note, '']),
    `_Ephemera edits this comment as things change. Push to update, close to remove everything._`,
  ].join('\n');
}

function stillThere({ namespace, errorMessage }: Earlier): string[] {
  return [
    `An earlier environment, ${code(namespace)}, is still being removed: ${code(errorMessage ?? 'it has just begun')}`,
    '',
  ];
}

/** The address is ours from end to end, so it may be a link. What does not exist any more gets none. */
function linkFor({ status, environmentUrl, host }: Facts): string | undefined {
  return status === 'destroying' || status === 'destroyed' ? undefined : `[${host}](${environmentUrl})`;
}

function sentence(environment: Facts): string {
  const { status, errorMessage } = environment;
  const text = plainSentence(environment);
  const waits = status === 'provisioning' || status === 'updating' || status === 'destroying';
  return waits && errorMessage !== null ? `${text} So far: ${code(errorMessage, { longest: 1_000 })}` : text;
}

function plainSentence(environment: Facts): string {
  const { status, errorMessage, createdAt, destroyedAt, generation } = environment;
  switch (status) {
    case 'pending':
    case 'provisioning':
      return generation === 1
        ? 'A namespace of its own is being made for this pull request.'
        : 'The pull request is open again: it gets a fresh namespace.';
    case 'updating':
      return 'A new commit has arrived; the environment follows.';
    case 'ready':
      return errorMessage === null
        ? 'The namespace, its quota and its guard rails are in place.'
        : `The environment is there, but something is wrong with it: ${code(errorMessage, { longest: 1_000 })}`;
    case 'failed':
      return `What happened: ${code(errorMessage ?? 'no reason was recorded', { longest: 1_000 })}`;
    case 'destroying':
      return `${ending(environment)}; everything that was made for it is being removed.`;
    case 'destroyed':
      return `${ending(environment)}. Nothing is left in the cluster; it lived for ${lifetime(createdAt, destroyedAt)}.`;
  }
}

function ending({ held, merged, reason }: Facts): string {
  if (held)
    return 'Somebody ended this environment by hand; a push, a retry or reopening the pull request brings it back';
  const otherwise = endingOf({ reason });
  // A hold that is over was ended by the pull request.
  if (otherwise !== undefined && otherwise !== 'environment.held') return endings[otherwise].replace(/\.$/, '');
  return `The pull request was ${merged ? 'merged' : 'closed'}`;
}

function lifetime(from: Date, to: Date | null): string {
  const seconds = Math.max(0, Math.round(((to ?? from).getTime() - from.getTime()) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
