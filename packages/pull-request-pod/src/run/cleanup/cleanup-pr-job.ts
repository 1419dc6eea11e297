import { startPauses, type Patience } from '@ephemera/job';
import type { Cluster, KnownKind } from '@ephemera/kube';
import { PrJobCleanupIncomplete } from '../../objects/errors.ts';
import type { PullRequestPodCleanup } from '../../pull-request-pod.ts';
import type { PrJobTarget } from '../target.ts';
import { startEnding } from './end-jobs.ts';
import { look, lookAgain, type Seen } from './look.ts';
import type { Part } from './part.ts';
import { startRemoval, textOf, type Left, type Removal } from './removal.ts';
import { kindsOf, turnOf } from './stages.ts';

export interface CleanupOptions extends Omit<Patience, 'timeoutMs'> {
  /** For all of it. Default 120 000 ms; pods have 30 s to end unless they say otherwise, those of Jobs at most half of this. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 120_000;

/**
 * Removes everything of a name: Jobs with their pods, Secrets, the builders that buildx has left with their pods, ConfigMaps and claims,
 * and the account. Returns when a last look has found nothing of it. At any stage, and again: nothing there is fine. What carries our
 * labels and another maker's mark is kept and named.
 *
 * Jobs that run are told to end first, and keep their account until their pods have removed their builders.
 *
 * It is about what is there at the beginning: a Job that is made meanwhile is kept, and with it the account.
 *
 * Throws `pr_job.cleanup_incomplete` when something could not be removed, or not be looked at; everything else was removed then.
 */
export async function cleanupPrJob(
  cluster: Cluster,
  target: PrJobTarget,
  options: CleanupOptions = {},
): Promise<PullRequestPodCleanup> {
  const { timeoutMs = defaultTimeoutMs, signal } = options;
  const pause = startStagedPauses({ ...options, timeoutMs });
  const removal = startRemoval(cluster);
  const ending = startEnding(cluster, timeoutMs);
  const texts = new Map<string | undefined, string>();
  let known: ReadonlySet<string | undefined> | undefined;
  let seen = await look(cluster, target, signal);
  // Undefined: `seen` is all of one look.
  let waitedFor: ReadonlySet<KnownKind> | undefined;
  for (let isLast = false; ;) {
    known ??= jobsIn(seen);
    const { meant, kept } = divide(seen, known);
    for (const part of meant) texts.set(part.object.metadata.uid, textOf(part));
    for (const part of kept) texts.delete(part.uid);
    const left = leftOf(meant, seen, removal);
    const open = meant.filter((part) => !removal.isRefused(part));
    const maySoonBeKnown = seen.unknown.some(({ error }) => error.retryable);
    if (waitedFor !== undefined && !open.some(({ kind }) => waitedFor?.has(kind))) {
      // Much of what was there before has gone with it.
      seen = await look(cluster, target, signal);
      waitedFor = undefined;
      continue;
    }
    if (open.length === 0 && !maySoonBeKnown) {
      if (left.length > 0) throw incomplete(target, left);
      return { removed: [...texts.values()], kept: kept.map(({ object, because }) => ({ object, because })) };
    }
    if (isLast) throw incomplete(target, left);
    const turn = turnOf(open);
    if (turn.length > 0) {
      const ready = await ending.ready(turn, seen.parts, signal);
      await removal.remove(ready, signal);
      const waiting = turn.map((part) => (ready.includes(part) ? removal.left(part) : stillEnding(part)));
      isLast = !(await pause(ready, inWords(waiting)));
    } else if (maySoonBeKnown) isLast = !(await pause([], inWords(left)));
    // Waiting looks only at what is waited for. What is said to be gone, or to be left, is what a look at everything has found.
    waitedFor = isLast || turn.length === 0 ? undefined : kindsOf(turn);
    seen = await (waitedFor === undefined
      ? look(cluster, target, signal)
      : lookAgain(cluster, target, { before: seen, kinds: withPods(waitedFor), signal }));
  }
}

/** Pauses that are short again when other kinds than before have been removed. */
function startStagedPauses(patience: Patience): (removed: readonly Part[], waiting: string) => Promise<boolean> {
  const deadlineAt = performance.now() + patience.timeoutMs;
  let stage: string | undefined;
  let pauses = startPauses(patience);
  return (removed, waiting) => {
    const now = [...kindsOf(removed)].join(' ');
    if (now !== stage) pauses = startPauses({ ...patience, timeoutMs: deadlineAt - performance.now() });
    stage = now;
    return pauses.next(waiting);
  };
}

/** Of Jobs it is waited for their pods. */
function withPods(kinds: ReadonlySet<KnownKind>): ReadonlySet<KnownKind> {
  return kinds.has('batch/v1/Job') ? new Set([...kinds, 'v1/Pod']) : kinds;
}

function stillEnding(part: Part): Left {
  return { object: textOf(part), because: 'its pods are given the time to remove their builder' };
}

/** The Jobs that this cleanup is about; undefined while they cannot be listed. */
function jobsIn({ parts, unknown }: Seen): ReadonlySet<string | undefined> | undefined {
  if (unknown.some(({ what }) => what.startsWith('Job/'))) return undefined;
  return new Set(parts.filter(({ kind }) => kind === 'batch/v1/Job').map(({ object }) => object.metadata.uid));
}

interface Kept extends Left {
  readonly uid: string | undefined;
}

interface Divided {
  readonly meant: readonly Part[];
  readonly kept: readonly Kept[];
}

/**
 * What is to be removed, and what is not: others' objects, and those of Jobs that have come since. `known`: the UIDs of the Jobs that are
 * meant; undefined while no Job can be listed. Pure.
 */
export function divide({ parts }: Pick<Seen, 'parts'>, known: ReadonlySet<string | undefined> | undefined): Divided {
  const later = new Set(
    parts
      .filter(
        ({ kind, whose, object }) =>
          kind === 'batch/v1/Job' && whose === 'ours' && known !== undefined && !known.has(object.metadata.uid),
      )
      .map(({ jobName }) => jobName),
  );
  const meant: Part[] = [];
  const kept: Kept[] = [];
  for (const part of parts) {
    const because = whyKept(part, later);
    if (because === undefined) meant.push(part);
    else kept.push({ object: textOf(part), because, uid: part.object.metadata.uid });
  }
  return { meant, kept };
}

function whyKept({ whose, jobName }: Part, later: ReadonlySet<string | undefined>): string | undefined {
  if (typeof whose !== 'string') return whose.because;
  if (later.size === 0 || (jobName !== undefined && !later.has(jobName))) return undefined;
  return 'a Job that was made after this cleanup began needs it';
}

function leftOf(meant: readonly Part[], { unknown }: Seen, removal: Removal): readonly Left[] {
  return [
    ...meant.map((part) => removal.left(part)),
    ...unknown.map(({ what, error }) => ({ object: what, because: error.message })),
  ];
}

const namedAtMost = 5;

function inWords(left: readonly Left[]): string {
  const named = left.slice(0, namedAtMost).map(({ object, because }) => `${object} (${because})`);
  const more = left.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function incomplete({ name, namespace }: PrJobTarget, left: readonly Left[]): Error {
  return new PrJobCleanupIncomplete({ name, namespace, left });
}
