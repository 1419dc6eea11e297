import type { GitHub } from '@ephemera/github';
import type { Cluster } from '@ephemera/kube';
import { messageOf } from '@ephemera/model';
import type { Logger } from 'pino';
import type { Limits } from '../environment/objects.ts';
import type { Clusters } from '../pr-jobs/clusters.ts';
import type { Database } from '../store/database.ts';
import type { SweepFinding } from '../store/schema.ts';
import { LeaseLost, type Claim } from '../work/claim.ts';
import type { SandboxesToSweep } from './sandboxes.ts';

export interface SweepDeps {
  readonly db: Database;
  readonly cluster: Cluster;
  /** Undefined: without a GitHub App only the cluster is compared, and no pass counts as complete. */
  readonly github: GitHub | undefined;
  readonly drafts: 'include' | 'skip';
  readonly limits: Limits;
  /** How long something has to be missing before what belongs to it is removed. */
  readonly graceMs: number;
  /** Undefined: pull-request jobs are left out. */
  readonly prJobs?: PrJobsToSweep | undefined;
  /** Undefined: sandboxes are left out. */
  readonly sandboxes?: SandboxesToSweep | undefined;
  readonly log: Logger;
}

/** Where pull-request jobs are, and whose they are. */
export interface PrJobsToSweep {
  /** The empty name is the server's own cluster. */
  readonly clusters: Pick<Clusters, 'at'>;
  readonly instance: string;
  /** In which callers may have jobs. */
  readonly namespaces: readonly string[];
  /** The names of all clusters but the server's own. */
  readonly named: readonly string[];
  /** How long after its last create a name is left alone: its objects may be being made. Default `settledAfterMs`. */
  readonly settleMs?: number | undefined;
  /** For all clusters together: the next pass, which environments wait for too, comes after this one. Default 60 s. */
  readonly boxMs?: number | undefined;
  /** How many names of a cluster one pass sees to, each with a dozen calls. Default 200. */
  readonly mostNames?: number | undefined;
}

/** One pass: what it works with, what it has found, and how much it may still remove. */
export interface Pass extends SweepDeps {
  readonly claim: Claim;
  /** Finds and tells everything, changes nothing. */
  readonly dryRun: boolean;
  readonly findings: readonly SweepFinding[];
  /** False as soon as something that environments are concluded from could not be read to its end. */
  readonly complete: boolean;
  readonly capped: boolean;
  /** Notes a finding. `change` is what is done about it; a dry run leaves it. */
  found(
    finding: Omit<SweepFinding, 'action'> & { readonly action: Action },
    change?: () => Promise<unknown>,
  ): Promise<void>;
  /** The same for what closes or removes something: beyond the cap of the pass it is only told. */
  foundToRemove(
    finding: Omit<SweepFinding, 'action'> & { readonly action: Action },
    change: () => Promise<unknown>,
  ): Promise<void>;
  /**
   * Runs one part on its own: what goes wrong in it is a finding, and the rest goes on. Returns whether it went to its end. `about` is what
   * is concluded from it. Default `environments`: trouble makes the pass incomplete. A cluster of pull-request jobs that is away for weeks
   * would otherwise keep everything from being removed that only a complete pass removes.
   */
  isolated(subject: string, part: () => Promise<void>, about?: 'environments' | 'jobs'): Promise<boolean>;
  /** Something could not be read, so nothing is concluded from it. */
  unreadable(subject: string, detail: string): void;
}

type Action = 'enqueued' | 'removed' | 'reported';

/** How many environments and namespaces one pass may close or remove. Pure. */
export function mostRemovals(openEnvironments: number): number {
  return Math.max(10, Math.floor(openEnvironments / 10));
}

export interface PassOptions {
  readonly claim: Claim;
  readonly dryRun: boolean;
  readonly mostRemovals: number;
}

export function createPass(deps: SweepDeps, { claim, dryRun, mostRemovals: most }: PassOptions): Pass {
  const findings: SweepFinding[] = [];
  let complete = true;
  let removals = 0;
  let capped = false;

  async function found(finding: SweepFinding, change?: () => Promise<unknown>): Promise<void> {
    if (!dryRun) await change?.();
    findings.push(finding);
  }
  function unreadable(subject: string, detail: string): void {
    complete = false;
    findings.push(unread(subject, detail));
  }

  return {
    ...deps,
    claim,
    dryRun,
    findings,
    get complete() {
      return complete;
    },
    get capped() {
      return capped;
    },
    found,
    foundToRemove: async (finding, change) => {
      if (removals >= most) {
        capped = true;
        findings.push({ ...finding, action: 'capped' });
        return;
      }
      removals += 1;
      await found(finding, change);
    },
    isolated: async (subject, part, about = 'environments') => {
      try {
        await part();
        return true;
      } catch (error) {
        // Whoever holds the work now goes on; there is nothing left for this one to say.
        claim.signal.throwIfAborted();
        if (error instanceof LeaseLost) throw error;
        deps.log.warn({ err: error, subject }, 'a part of the sweep failed; nothing is concluded from it');
        if (about === 'environments') complete = false;
        findings.push(unread(subject, messageOf(error)));
        return false;
      }
    },
    unreadable,
  };
}

function unread(subject: string, detail: string): SweepFinding {
  return { kind: 'unreadable', subject, action: 'reported', detail };
}
