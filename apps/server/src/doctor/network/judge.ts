import type { Verdict } from '../check.ts';

/** What one client saw. */
export type Attempt = 'through' | 'blocked';

export interface Attempts {
  /** Clients that no policy selects, before the others. */
  readonly allowed: readonly Attempt[];
  /** Clients that a default-deny policy selects, one after the other. */
  readonly denied: readonly Attempt[];
  /** One that no policy selects, after the others; undefined when it was not asked. */
  readonly allowedAfter?: Attempt | undefined;
}

const consequence = 'Until then nothing of untrusted pull requests will run on this cluster.';

/** Enforced: allowed clients get through before and after, and a denied one does not. Pure. */
export function judgeAttempts({ allowed, denied, allowedAfter }: Attempts): Verdict {
  if (!allowed.includes('through') || (allowedAfter !== undefined && allowedAfter !== 'through')) {
    return {
      ok: null,
      detail: 'cannot be said: pods do not reach each other reliably even without a policy',
      hint: `Check the cluster’s network plugin. ${consequence}`,
    };
  }
  if (denied.includes('blocked'))
    return { ok: true, detail: 'enforced: a pod under a default-deny policy reached nobody' };
  return {
    ok: null,
    detail: `not enforced: a pod under a default-deny policy reached another one, ${denied.length} times of ${denied.length}`,
    hint: `Use a network plugin that enforces NetworkPolicies, such as Cilium or Calico. ${consequence}`,
  };
}

export function cannotSay(problem: string): Verdict {
  return { ok: null, detail: `cannot be said: ${problem}`, hint: consequence };
}
