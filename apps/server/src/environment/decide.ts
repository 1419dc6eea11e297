import { kubeErrors } from '@ephemera/kube';
import type { Environment } from '../store/schema.ts';

/** What one run of an environment's work should do. */
export type Plan =
  | { readonly kind: 'nothing' }
  /** Run the steps for a commit; `as` is the state that people see meanwhile. */
  | { readonly kind: 'converge'; readonly as: 'provisioning' | 'updating'; readonly commitSha: string }
  /** Check that what was made is still there. */
  | { readonly kind: 'verify' }
  /** Run the steps again if nothing that is needed belongs to somebody else any more. */
  | { readonly kind: 'reclaim'; readonly commitSha: string }
  | { readonly kind: 'teardown' }
  /** The environment is destroyed; something of it was found again, and goes. */
  | { readonly kind: 'clear' };

type Facts = Pick<Environment, 'status' | 'wantedState' | 'wantedSha' | 'commitSha' | 'lastDeployedAt' | 'reason'>;

/** The reasons of failures that heal by running the steps again: the namespace is gone, is going, or has been going for too long. */
export const namespaceMissing = 'environment.namespace_missing';
export const namespaceTerminating = 'environment.namespace_terminating';
export const namespaceStuck = 'environment.namespace_stuck';
/** The reason of a failure that heals when the other one gives back what it took. */
export const foreignObject = kubeErrors.Foreign.code;
/** The reason of a failure of which somebody asked that it be tried again. */
export const retryAsked = 'environment.retry';

const triedAgain: ReadonlySet<string | null> = new Set([
  namespaceMissing,
  namespaceTerminating,
  namespaceStuck,
  retryAsked,
]);

/**
 * Pure and total: the same row gives the same plan. What GitHub wants has been written into the row before.
 * `leftovers`: whether the ledger has a living line of it. Default: no.
 */
export function decide(environment: Facts, { leftovers = false }: { readonly leftovers?: boolean } = {}): Plan {
  const { status, wantedState, wantedSha, commitSha } = environment;
  if (status === 'destroyed') return { kind: leftovers ? 'clear' : 'nothing' };
  if (wantedState === 'closed') return { kind: 'teardown' };

  const converge: Plan = {
    kind: 'converge',
    as: environment.lastDeployedAt ? 'updating' : 'provisioning',
    commitSha: wantedSha,
  };
  if (commitSha !== wantedSha) return converge;
  switch (status) {
    case 'pending':
      return converge;
    case 'provisioning':
    case 'updating':
      // The run before this one did not end: go on in the same state.
      return { kind: 'converge', as: status, commitSha };
    case 'ready':
      return { kind: 'verify' };
    case 'failed':
      if (environment.reason === foreignObject) return { kind: 'reclaim', commitSha };
      // Everything else that failed waits for a push or a person: trying the same again would be refused again.
      return triedAgain.has(environment.reason)
        ? { kind: 'converge', as: 'provisioning', commitSha }
        : { kind: 'nothing' };
    case 'destroying':
      // A generation that ended stays ended, whatever the row says is wanted.
      return { kind: 'nothing' };
  }
}
