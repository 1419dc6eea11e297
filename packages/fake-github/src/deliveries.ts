import { createHmac, randomUUID } from 'node:crypto';
import { sign } from '@octokit/webhooks-methods';
import { messageOf } from '@ephemera/model';
import { post } from './post.ts';
import type { Json } from './openapi/description.ts';

export interface Delivery {
  /** The X-GitHub-Delivery header; a redelivery has the same. */
  readonly id: string;
  readonly event: string;
  readonly action: string | null;
  /** The receiver's answer, null while there is none or when none came. */
  readonly status: number | null;
  /** How long it took, null while it is under way. */
  readonly ms: number | null;
  /** Why no answer came. */
  readonly error?: string;
}

export interface Hook {
  readonly id: number;
  readonly appId: number;
  readonly secret: string;
  readonly timeoutMs: number;
  url: string | undefined;
}

interface Sent {
  delivery: Delivery;
  readonly body: string;
  readonly options: SendOptions;
}

export interface Deliveries {
  /** Oldest first; only those about the subject if one is named. */
  readonly list: (subject?: string) => Delivery[];
  /** Sends once, never again by itself, as GitHub does. Resolves when it went well or badly, and never rejects. */
  readonly send: (event: string, payload: Json, options?: SendOptions) => Promise<Delivery>;
  /** Sends the same bytes under the same id to where the hook points now. Undefined: no such delivery. */
  readonly redeliver: (id: string) => Promise<Delivery> | undefined;
  /** Waits for what is under way, at most so long, then breaks it off. */
  readonly settle: (graceMs: number) => Promise<void>;
}

export interface SendOptions {
  /** What the delivery is about, to list it by. */
  readonly subject?: string;
  /** Replace the usual headers: for tests of bad signatures and the like. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function createDeliveries(hook: Hook, log: (line: string) => void): Deliveries {
  const sent: Sent[] = [];
  const underWay = new Set<Promise<unknown>>();
  const stopping = new AbortController();

  /** Every delivery passes here. */
  async function attempt(entry: Sent): Promise<Delivery> {
    const started = performance.now();
    const { id, event, action } = entry.delivery;
    const usual = usualHeaders(hook, entry, await sign(hook.secret, entry.body));
    const headers = { ...usual, ...entry.options.headers };
    const outcome = await post(hook, { body: entry.body, headers }, stopping.signal).then(
      (status) => ({ status }),
      (error: unknown) => ({ status: null, error: messageOf(error) }),
    );
    const ms = Math.round(performance.now() - started);
    entry.delivery = {
      id,
      event,
      action,
      status: outcome.status,
      ms,
      ...('error' in outcome && { error: outcome.error }),
    };
    log(`delivery ${id} ${event}${action === null ? '' : `.${action}`} → ${outcome.status ?? entry.delivery.error}`);
    return entry.delivery;
  }

  function start(entry: Sent): Promise<Delivery> {
    sent.push(entry);
    const attempted = attempt(entry);
    underWay.add(attempted);
    return attempted.finally(() => underWay.delete(attempted));
  }

  return {
    list: (subject) =>
      sent
        .filter(({ options }) => subject === undefined || options.subject === subject)
        .map(({ delivery }) => delivery),
    send: (event, payload, options = {}) => {
      const action = typeof payload['action'] === 'string' ? payload['action'] : null;
      const delivery = { id: randomUUID(), event, action, status: null, ms: null };
      return start({ delivery, body: JSON.stringify(payload), options });
    },
    redeliver: (id) => {
      const first = sent.find(({ delivery }) => delivery.id === id);
      if (first === undefined) return undefined;
      const { event, action } = first.delivery;
      return start({ ...first, delivery: { id, event, action, status: null, ms: null } });
    },
    settle: async (graceMs) => {
      const timer = setTimeout(() => stopping.abort(new Error('the fake was stopped')), graceMs);
      await Promise.allSettled(underWay);
      clearTimeout(timer);
    },
  };
}

function usualHeaders(hook: Hook, { delivery, body }: Sent, signature: string): Record<string, string> {
  return {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/ephemera',
    'x-github-delivery': delivery.id,
    'x-github-event': delivery.event,
    'x-github-hook-id': String(hook.id),
    'x-github-hook-installation-target-id': String(hook.appId),
    'x-github-hook-installation-target-type': 'integration',
    'x-hub-signature': `sha1=${createHmac('sha1', hook.secret).update(body).digest('hex')}`,
    'x-hub-signature-256': signature,
  };
}
