import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sign } from '@octokit/webhooks-methods';
import { messageOf } from '@ephemera/model';
import { createHolding } from './faults/holding.ts';
import { post } from './post.ts';
import type { Effects } from './faults/input.ts';
import type { Faults } from './faults/faults.ts';
import type { Json } from './openapi/description.ts';
import type { World } from './state.ts';

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
  appId: number;
  secret: string;
  readonly timeoutMs: number;
  url: string | undefined;
}

/** One attempt to deliver. */
export interface Attempt {
  /** GitHub numbers attempts; the id in the header is the same for all that carry one event. */
  readonly number: number;
  readonly startedAt: Date;
  readonly redelivery: boolean;
  delivery: Delivery;
  readonly installationId: number | null;
  readonly repositoryId: number | null;
  readonly body: string;
  readonly options: SendOptions;
}

export interface Deliveries {
  /** Oldest first; only those about the subject if one is named. */
  readonly list: (subject?: string) => Delivery[];
  /** Oldest first. */
  readonly attempts: () => readonly Attempt[];
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

interface Parts {
  readonly world: Pick<World, 'now' | 'nextId'>;
  readonly hook: Hook;
  readonly faults: Faults;
  readonly log: (line: string) => void;
}

export function createDeliveries({ world, hook, faults, log }: Parts): Deliveries {
  const attempts: Attempt[] = [];
  const bySubject = new Map<string, Attempt[]>();
  const underWay = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  const holding = createHolding();
  faults.whenSet(holding.releaseAll);

  /** Every attempt passes here. */
  async function run(attempt: Attempt, fault: Effects | undefined): Promise<Delivery> {
    const { id, event, action } = attempt.delivery;
    const started = performance.now();
    const outcome = await transmit(attempt, fault).then(
      (status) => ({ status }),
      (error: unknown) => ({ status: null, error: messageOf(error) }),
    );
    const ms = Math.round(performance.now() - started);
    attempt.delivery = { id, event, action, ms, ...outcome };
    holding.release(subjectOf(attempt), attempt.number);
    log(`delivery ${id} ${event}${action === null ? '' : `.${action}`} → ${outcome.status ?? attempt.delivery.error}`);
    return attempt.delivery;
  }

  async function transmit(attempt: Attempt, fault: Effects = {}): Promise<number> {
    if (fault.drop) throw new Error('a fault dropped it');
    if (fault.reorder) await holding.hold(subjectOf(attempt), attempt.number);
    if (fault.delayMs !== undefined) await sleep(fault.delayMs, undefined, { signal: stopping.signal });
    const usual = usualHeaders(hook, attempt, await sign(hook.secret, attempt.body));
    const headers = { ...usual, ...attempt.options.headers };
    return post(hook, { body: attempt.body, headers }, stopping.signal);
  }

  function start(attempt: Attempt): Promise<Delivery> {
    const holdsKin = holding.holds(subjectOf(attempt));
    const fault = faults.onDelivery(attempt.delivery, { holdsKin });
    const started = track(attempt, fault);
    for (let copies = fault?.duplicate ?? 0; copies > 0; copies -= 1) void track(again(attempt), undefined);
    return started;
  }

  function track(attempt: Attempt, fault: Effects | undefined): Promise<Delivery> {
    attempts.push(attempt);
    const kin = bySubject.get(subjectOf(attempt)) ?? [];
    kin.push(attempt);
    bySubject.set(subjectOf(attempt), kin);
    const running = run(attempt, fault);
    underWay.add(running);
    return running.finally(() => underWay.delete(running));
  }

  function again(attempt: Attempt): Attempt {
    const { id, event, action } = attempt.delivery;
    const delivery = { id, event, action, status: null, ms: null };
    return { ...attempt, number: world.nextId(), startedAt: world.now(), redelivery: true, delivery };
  }

  return {
    list: (subject) =>
      (subject === undefined ? attempts : (bySubject.get(subject) ?? [])).map(({ delivery }) => delivery),
    attempts: () => attempts,
    send: (event, payload, options = {}) => {
      const action = typeof payload['action'] === 'string' ? payload['action'] : null;
      return start({
        number: world.nextId(),
        startedAt: world.now(),
        redelivery: false,
        delivery: { id: randomUUID(), event, action, status: null, ms: null },
        installationId: idOf(payload['installation']),
        repositoryId: idOf(payload['repository']),
        body: JSON.stringify(payload),
        options,
      });
    },
    redeliver: (id) => {
      const first = attempts.find(({ delivery }) => delivery.id === id);
      return first && start(again(first));
    },
    settle: async (graceMs) => {
      holding.giveUp(new Error('the fake was stopped'));
      const timer = setTimeout(() => stopping.abort(new Error('the fake was stopped')), graceMs);
      await Promise.allSettled(underWay);
      clearTimeout(timer);
    },
  };
}

const subjectOf = ({ options }: Attempt): string => options.subject ?? '';

function idOf(value: unknown): number | null {
  const id = (value as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'number' ? id : null;
}

function usualHeaders(hook: Hook, { delivery, body }: Attempt, signature: string): Record<string, string> {
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
