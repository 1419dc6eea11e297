import { pullRequestKey } from '../environment/transition.ts';
import type { Database } from '../store/database.ts';
import { recordDelivery } from '../store/deliveries.ts';
import { enqueue } from '../store/work.ts';
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

/**
 * Records the delivery and what follows from it in one transaction. Only after its commit may anybody say 2xx.
 * A duplicate arms the work again: looking once more is harmless, and a redelivery may be the rescue of what went wrong.
 */
export async function accept(
  db: Database,
  delivery: Delivery,
  reading: Exclude<Reading, { kind: 'ping' | 'refused' }>,
): Promise<Accepted> {
  const row = { deliveryId: delivery.id, event: delivery.event };
  if (reading.kind === 'ignored') {
    const { action, reason } = reading;
    await recordDelivery(db, { ...row, action: action ?? null, outcome: 'ignored', reason });
    return { status: 'ignored', action, reason };
  }
  const { action, prNumber, repositoryId, repositoryFullName, installationId } = reading.hint;
  return db.transaction().execute(async (tx) => {
    const seen = await recordDelivery(tx, {
      ...row,
      action,
      prNumber,
      repositoryId,
      repositoryFullName,
      installationId,
      outcome: 'accepted',
    });
    await enqueue(tx, {
      kind: 'pull-request',
      key: pullRequestKey(repositoryId, prNumber),
      hint: { installationId, repositoryFullName },
      fairKey: String(repositoryId),
    });
    return { status: seen === 'new' ? 'accepted' : 'duplicate', action };
  });
}

/** A signed delivery that cannot be understood keeps its reason, so that somebody can find out later. */
export async function refuse(db: Database, delivery: Delivery, reason: string): Promise<void> {
  await recordDelivery(db, { deliveryId: delivery.id, event: delivery.event, outcome: 'refused', reason });
}
