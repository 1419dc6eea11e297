import { createHash } from 'node:crypto';
import { labelPrefix, type Job } from '@ephemera/model';
import type { CheckedOrder } from '../objects/checked-order.ts';

/** On the Job: what was ordered, so that the same key is never answered with another job. No part of it is a secret. */
export const orderAnnotation = `${labelPrefix}/order`;

/**
 * A hash of what makes the Job. Without the credentials, which are renewed between two attempts of one request, but with which of them
 * there are; and without the way to the cluster. Pure.
 */
export function orderMark({ clusterName: _, idempotencyKey: __, repository, ...order }: CheckedOrder): string {
  const said = { ...order, repository: repository && publicPart(repository) };
  return createHash('sha256').update(JSON.stringify(said, inOrder)).digest('hex');
}

/** Whether a Job is what was ordered; one that does not say what it is passes, such as that of an earlier version. Pure. */
export function isAsOrdered({ metadata }: Job, order: CheckedOrder): boolean {
  const mark = metadata.annotations?.[orderAnnotation];
  return mark === undefined || mark === orderMark(order);
}

function publicPart({ token, dockerConfigJson, ...rest }: NonNullable<CheckedOrder['repository']>): object {
  return { ...rest, token: token !== undefined, dockerConfigJson: dockerConfigJson !== undefined };
}

/** The same text whatever the order in which the fields were written. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
