import { z } from 'zod';
import { Refusal } from './refusal.ts';
import type { Caller } from './app-auth.ts';
import type { Installation, World } from './state.ts';

const hourMs = 3_600_000;
const largest = 15_000;

/** What `github.limit` and `PUT /_control/limit` take. It ends by itself when the time is up. */
export const limitInput = z.strictObject({
  /** Requests that each installation has left. */
  remaining: z.int().min(0).max(largest),
  /** Default: the end of the hour. */
  resetInMs: z.int().min(1).max(hourMs).optional(),
  /** GitHub answers with either; default 403. */
  status: z.union([z.literal(403), z.literal(429)]).optional(),
});
export type LimitInput = z.infer<typeof limitInput>;

export interface Rate {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** Seconds since 1970. */
  readonly reset: number;
}

/**
 * The primary rate limit. The fake announces the largest limit that GitHub gives, counts down, and stops short of zero:
 * running out is asked for with `limit`, not met by chance in a long test.
 */
export interface Budget {
  readonly rate: (caller: Caller | undefined) => Rate;
  /** Counts one request. GitHub does not count those that it answers with 304. */
  readonly spend: (caller: Caller | undefined) => void;
  /** Refuses an installation that has nothing left. */
  readonly admit: (caller: Caller | undefined) => void;
  readonly limit: (input: LimitInput) => void;
  readonly lift: () => void;
}

interface Asked {
  readonly remaining: number;
  readonly resetAt: number;
  readonly status: 403 | 429;
  readonly used: Map<Installation, number>;
}

export function createBudget({ now }: Pick<World, 'now'>): Budget {
  let asked: Asked | undefined;
  let hour = 0;
  const used = new Map<Installation, number>();

  const current = () => (asked && asked.resetAt > now().getTime() ? asked : undefined);
  const hourEnds = () => Math.floor(now().getTime() / hourMs + 1) * hourMs;
  const payer = (caller: Caller | undefined) =>
    caller?.kind === 'installation' ? caller.token.installation : undefined;

  function rate(caller: Caller | undefined): Rate {
    const installation = payer(caller);
    const limit = current();
    if (limit && installation) {
      const remaining = Math.max(0, limit.remaining - (limit.used.get(installation) ?? 0));
      return { limit: largest, used: largest - remaining, remaining, reset: Math.ceil(limit.resetAt / 1000) };
    }
    const spent = Math.min((installation && used.get(installation)) ?? 0, largest - 1);
    return { limit: largest, used: spent, remaining: largest - spent, reset: hourEnds() / 1000 };
  }

  return {
    rate,
    spend: (caller) => {
      if (hour !== hourEnds()) used.clear();
      hour = hourEnds();
      const installation = payer(caller);
      if (installation === undefined) return;
      for (const counts of [used, current()?.used]) counts?.set(installation, (counts.get(installation) ?? 0) + 1);
    },
    admit: (caller) => {
      const limit = current();
      const installation = payer(caller);
      if (limit === undefined || installation === undefined || rate(caller).remaining > 0) return;
      throw new Refusal(limit.status, `API rate limit exceeded for installation ID ${installation.id}.`);
    },
    limit: ({ remaining, resetInMs, status = 403 }) => {
      const resetAt = resetInMs === undefined ? hourEnds() : now().getTime() + resetInMs;
      asked = { remaining, resetAt, status, used: new Map() };
    },
    lift: () => {
      asked = undefined;
    },
  };
}
