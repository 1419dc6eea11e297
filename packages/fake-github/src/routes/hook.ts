import { invalid, notFound } from '../refusal.ts';
import { ok, type Call, type Route } from '../route.ts';
import type { Attempt } from '../deliveries.ts';
import type { Json } from '../openapi/description.ts';

const largestPage = 100;

/** The App's webhook and what became of its deliveries. */
export const hookRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/app/hook/config',
    caller: 'app',
    answer: ({ hook }) => ok({ content_type: 'json', insecure_ssl: '0', secret: '********', url: hook.url ?? '' }),
  },
  {
    method: 'GET',
    path: '/app/hook/deliveries',
    caller: 'app',
    answer: (call) => {
      const { items, headers } = newest(call, call.deliveries.attempts().filter(isOver).toReversed());
      return ok(items.map(deliveryResource), headers);
    },
  },
  {
    method: 'POST',
    path: '/app/hook/deliveries/{delivery_id}/attempts',
    caller: 'app',
    answer: ({ deliveries, parameters }) => {
      const attempt = deliveries.attempts().find(({ number }) => number === parameters['delivery_id']);
      if (attempt === undefined) throw notFound();
      void deliveries.redeliver(attempt.delivery.id);
      return { status: 202, body: {} };
    },
  },
];

const isOver = ({ delivery }: Attempt) => delivery.ms !== null;
const succeeded = ({ delivery }: Attempt) => delivery.status !== null && delivery.status < 400;

/** Pages by cursor: deliveries that arrive in between move no page. The cursor is the number of the last one shown. */
function newest(
  call: Call,
  attempts: readonly Attempt[],
): { items: readonly Attempt[]; headers: Record<string, string> } {
  const { cursor, per_page: size, status } = call.parameters;
  if (cursor !== undefined && !/^\d+$/.test(String(cursor))) throw invalid('Invalid cursor.');
  const rest = attempts
    .filter((attempt) => status === undefined || (status === 'success') === succeeded(attempt))
    .filter(({ number }) => cursor === undefined || number < Number(cursor));
  const items = rest.slice(0, Math.min(Math.max(Number(size ?? 30), 1), largestPage));
  const last = items.at(-1);
  if (last === undefined || items.length === rest.length) return { items, headers: {} };
  const url = new URL(call.url, call.world.origin());
  url.searchParams.set('cursor', String(last.number));
  return { items, headers: { link: `<${url.href}>; rel="next"` } };
}

function deliveryResource({ number, startedAt, redelivery, delivery, installationId, repositoryId }: Attempt): Json {
  return {
    id: number,
    guid: delivery.id,
    delivered_at: startedAt.toISOString(),
    redelivery,
    duration: (delivery.ms ?? 0) / 1000,
    status: delivery.status === null ? 'failed to connect to host' : statusText(delivery.status),
    status_code: delivery.status ?? 0,
    event: delivery.event,
    action: delivery.action,
    installation_id: installationId,
    repository_id: repositoryId,
    throttled_at: null,
  };
}

const statusText = (status: number) => (status < 400 ? 'OK' : `Invalid HTTP Response: ${status}`);
