import { clusterEffect, databaseEffect, githubEffect } from './effects.ts';
import type { HttpProxy } from './http-proxy.ts';
import type { ActiveRule } from './occurrences.ts';
import type { PostgresProxy } from './postgres-proxy.ts';

/** A crash: before an effect (it has arrived and is not passed on) or after it (it is there, and its answer never comes). */
export interface CrashPoint {
  readonly effect: string;
  readonly side: 'before' | 'after';
}

/** Listens to all three proxies. Without a point it records; with one it stops the world there. */
export interface EffectTap extends Disposable {
  /** What is going on; part of an effect's name. */
  phase: string;
  /** Every effect so far, as `phase: target what #occurrence`. */
  readonly recorded: readonly string[];
  /** Resolves when the point is reached: now is the time to kill. */
  readonly reached: Promise<void>;
}

export interface Tapped {
  readonly cluster: HttpProxy;
  readonly github: HttpProxy;
  readonly postgres: PostgresProxy;
}

export function tapEffects({ cluster, github, postgres }: Tapped, phase: string, point?: CrashPoint): EffectTap {
  const recorded: string[] = [];
  const counts = new Map<string, number>();
  const fateOf = (label: string | undefined) => {
    if (label === undefined) return undefined;
    const name = `${tap.phase}: ${label}`;
    const occurrence = (counts.get(name) ?? 0) + 1;
    counts.set(name, occurrence);
    const effect = `${name} #${occurrence}`;
    recorded.push(effect);
    if (effect !== point?.effect) return undefined;
    return point.side === 'before' ? 'hold' : 'forward-and-drop';
  };
  const rules: readonly ActiveRule<unknown>[] = [
    cluster.rule({ fate: (call) => fateOf(clusterEffect(call)) }),
    github.rule({ fate: (call) => fateOf(githubEffect(call)) }),
    postgres.commit({ fate: (commit) => fateOf(databaseEffect(commit)) }),
  ];
  const tap: EffectTap = {
    phase,
    recorded,
    reached: Promise.race(rules.map((rule) => (point?.side === 'after' ? rule.answered : rule.reached))).then(() => {}),
    [Symbol.dispose]: () => rules.forEach((rule) => rule[Symbol.dispose]()),
  };
  return tap;
}
