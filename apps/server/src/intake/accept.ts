import { pullRequestKey } from '../environment/transition.ts';
import type { Database, Executor } from '../store/database.ts';
import { recordDelivery, recordWithWork } from '../store/deliveries.ts';
import { releaseHold } from '../store/environments.ts';
import type { Enqueue } from '../store/work.ts';
import type { Reading } from './payload.ts';

export interface Delivery {
  readonly id: string;
  readonly event: string;
}

export interface Accepted {
  readonly status: 'accepted' | 'duplicate' | 'ignored';
  readonly action?: string | undefined;
  readonly reason?: string;
}

type Relevant = Extract<Reading, { kind: 'pull-request' | 'repository' | 'installation' }>;

/** Somebody decided anew about the pull request itself, so what was decided by hand about its environment is over. */
const endsHold: ReadonlySet<string> = new Set(['reopened', 'closed']);

/**
 * Records the delivery and what follows from it in one transaction. Only after its commit may anybody say 2xx.
 * A duplicate arms the work again: looking once more is harmless, and a redelivery may be the rescue of what went wrong.
 */
export async function accept(
  db: Database,
  delivery: Delivery,
  reading: Relevant | Extract<Reading, { kind: 'ignored' }>,
): Promise<Accepted> {
  const row = { deliveryId: delivery.id, event: delivery.event };
  if (reading.kind === 'ignored') {
    const { action, reason } = reading;
    await recordDelivery(db, { ...row, action: action ?? null, outcome: 'ignored', reason });
    return { status: 'ignored', action, reason };
  }
  const { author: _author, ...recorded } = reading.hint;
  const { action } = reading.hint;
  const store = (db: Executor) => recordWithWork(db, { ...row, ...recorded, outcome: 'accepted' }, workOf(reading));
  const seen =
    reading.kind === 'pull-request' && endsHold.has(action)
      ? await db.transaction().execute(async (tx) => {
          const seen = await store(tx);
          // After the work, as everywhere. A duplicate tells of a decision that was counted already.
          if (seen === 'new') await releaseHold(tx, reading.hint.repositoryId, reading.hint.prNumber);
          return seen;
        })
      : await store(db);
  return { status: seen === 'new' ? 'accepted' : 'duplicate', action };
}

/** Pure. */
function workOf(reading: Relevant): Enqueue {
  const { kind, hint } = reading;
  const fairAuthor = hint.author;
  if (kind === 'installation') return { kind, key: String(hint.installationId), fairAuthor };
  const { installationId, repositoryId, repositoryFullName } = hint;
  return {
    kind,
    key: kind === 'repository' ? String(repositoryId) : pullRequestKey(repositoryId, hint.prNumber),
    hint: { installationId, repositoryFullName },
    fairKey: String(repositoryId),
    fairAuthor,
  };
}

/** A signed delivery that cannot be understood keeps its reason, so that somebody can find out later. */
export async function refuse(db: Database, delivery: Delivery, reason: string): Promise<void> {
  await recordDelivery(db, { deliveryId: delivery.id, event: delivery.event, outcome: 'refused', reason });
}
