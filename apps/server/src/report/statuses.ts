import type { CommitStatus } from '@ephemera/github';
import type { EnvironmentStatus } from '@ephemera/model';
import type { TimelineEvent } from '../store/schema.ts';

export const statusContext = 'ephemera/environment';

type Shown = Pick<CommitStatus, 'state' | 'description'>;

/** What GitHub shows for each state. While something is being removed, the last answer stands. */
function shown(status: EnvironmentStatus, message: string | null): Shown | undefined {
  switch (status) {
    case 'pending':
    case 'provisioning':
      return { state: 'pending', description: 'The environment is being prepared' };
    case 'updating':
      return { state: 'pending', description: 'The environment is being updated' };
    case 'ready':
      return { state: 'success', description: 'The environment is ready' };
    case 'failed':
      return { state: 'failure', description: message ?? 'The environment failed' };
    case 'destroying':
      return undefined;
    case 'destroyed':
      return { state: 'success', description: 'Removed' };
  }
}

/** A status, and the event that asks for it. */
export type AskedStatus = CommitStatus & { readonly eventId: number };

/**
 * The commit statuses that a run of events asks for, oldest first. Bursts collapse: of each commit only the last one counts,
 * but a failure is never swallowed. What GitHub was told last (`told`, as `statusKey` writes it) is not said again. Pure.
 */
export function statusesFor(
  events: readonly TimelineEvent[],
  { url, told }: { url: string; told: string | null },
): AskedStatus[] {
  const asked = events.flatMap((event) => {
    const status = event.name as EnvironmentStatus;
    const what = shown(status, event.message);
    // What was removed has no address any more.
    const targetUrl = status === 'destroyed' ? undefined : url;
    return what ? [{ eventId: event.id, sha: event.commitSha, context: statusContext, ...what, targetUrl }] : [];
  });
  const last = asked.filter(
    (status, index) => status.state === 'failure' || !asked.slice(index + 1).some(({ sha }) => sha === status.sha),
  );
  return last.filter(
    (status, index) => statusKey(status) !== (index === 0 ? told : statusKey(last[index - 1] ?? status)),
  );
}

/** What makes two statuses the same one for people. */
export function statusKey({ sha, state, description }: CommitStatus): string {
  return `${sha} ${state} ${description}`;
}
