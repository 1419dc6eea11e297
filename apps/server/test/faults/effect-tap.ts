import { clusterEffect, databaseEffect, githubEffect } from './effects.ts';
import type { HttpProxy } from './http-proxy.ts';
import type { ActiveRule } from './occurrences.ts';
import type { PostgresProxy } from './postgres-proxy.ts';

/** A crash: before an effect (it has arrived and is not passed on) or after it (it is there, and its answer never comes). */
export interface CrashPoint {
  /** As `EffectTap.recorded` names it. */
  readonly effect: string;
  readonly side: 'before' | 'after';
}

/** The same at the first effect for which `isAt` holds. */
export interface CrashWhen extends Pick<CrashPoint, 'side'> {
  readonly isAt: (effect: string) => boolean;
}

/** Listens to all three proxies. Without a point it records; with one it stops the world there. */
export interface EffectTap extends Disposable {
  /** Every effect so far, as `target what #occurrence`. */
  readonly recorded: readonly string[];
  /** Resolves when the point is reached: now is the time to kill. */
  readonly reached: Promise<void>;
}

export interface Tapped {
  readonly cluster: HttpProxy;
  readonly github: HttpProxy;
  readonly postgres: PostgresProxy;
}

export function tapEffects({ cluster, github, postgres }: Tapped, point?: CrashPoint | CrashWhen): EffectTap {
  const recorded: string[] = [];
  const counts = new Map<string, number>();
  let isOver = false;
  const fateOf = (label: string | undefined) => {
    if (label === undefined) return undefined;
    const occurrence = (counts.get(label) ?? 0) + 1;
    counts.set(label, occurrence);
    const effect = `${label} #${occurrence}`;
    recorded.push(effect);
    if (isOver || !point || !('isAt' in point ? point.isAt(effect) : point.effect === effect)) return undefined;
    isOver = true;
    return point.side === 'before' ? 'hold' : 'forward-and-drop';
  };
  const rules: readonly ActiveRule<unknown>[] = [
    cluster.rule({ fate: (call) => fateOf(clusterEffect(call)) }),
    github.rule({ fate: (call) => fateOf(githubEffect(call)) }),
    postgres.commit({ fate: (commit) => fateOf(databaseEffect(commit)) }),
  ];
  return {
    recorded,
    reached: Promise.race(rules.map((rule) => (point?.side === 'after' ? rule.answered : rule.reached))).then(() => {}),
    [Symbol.dispose]: () => rules.forEach((rule) => rule[Symbol.dispose]()),
  };
}
