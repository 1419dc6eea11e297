import { isOwned, removalWaitsFor, type Cluster } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { entryRef, gone, living } from '../ledger/ledger.ts';
import type { Database, Executor } from '../store/database.ts';
import { finishDeployment } from '../store/deployments.ts';
import type { Environment, LedgerEntry } from '../store/schema.ts';
import type { Claim } from '../work/claim.ts';
import { again, done, type Outcome } from '../work/outcome.ts';
import { foreignObject, namespaceMissing, namespaceStuck, namespaceTerminating } from './decide.ts';
import { forMinutes, lookAgainAfterMs } from './look-again.ts';
import { transition } from './transition.ts';
import { whileWanted } from './wanted.ts';

export interface LostNamespaceDeps {
  readonly db: Database;
  readonly cluster: Cluster;
  /** A removal that takes longer is an alarm. */
  readonly failedAfterMs: number;
  readonly now: () => Date;
}

interface Finding {
  readonly reason: string;
  readonly message: string;
  /** Whether what the ledger names does not exist any more. */
  readonly isGone: boolean;
  /** What comes next; nothing when only a person can help. */
  readonly next: Outcome;
}

/**
 * A namespace that was there and is not, is on its way out, or is no longer ours: shown as failed, so that nobody wonders where their data
 * went. Undefined while it is there, or was never made. Only "not found" by a quorum read counts; an API error is thrown and tried again.
 */
export async function explainLostNamespace(
  deps: LostNamespaceDeps,
  claim: Claim,
  { id }: Environment,
  commitSha: string,
): Promise<Outcome | undefined> {
  const recorded = (await living(deps.db, id)).find(({ kind, uid }) => kind === 'Namespace' && uid !== null);
  if (!recorded) return undefined;
  claim.assertHeld();
  const finding = look(deps, recorded, await deps.cluster.get(entryRef(recorded), claim.signal));
  if (!finding) return undefined;
  const { reason, message, isGone, next } = finding;
  const wanted = await claim.write(async (tx: Executor) => {
    const newest = await whileWanted(tx, id, commitSha);
    if (!newest) return false;
    await transition(tx, newest, { status: 'failed', commitSha, because: { reason, message } });
    if (isGone) await gone(tx, recorded.id);
    if (next.kind === 'done') await finishDeployment(tx, id, commitSha, message);
    return true;
  });
  return wanted ? next : again({ afterMs: 0, because: 'something newer is wanted' });
}

function look(
  { cluster, failedAfterMs, now }: LostNamespaceDeps,
  { name, uid }: LedgerEntry,
  found: KubeObject | undefined,
): Finding | undefined {
  if (!found)
    return {
      reason: namespaceMissing,
      message: `Somebody deleted the namespace ${name}; it is being made again, empty.`,
      isGone: true,
      next: again({ afterMs: 0, because: 'the namespace is made again' }),
    };
  const { deletionTimestamp } = found.metadata;
  // By our mark and not by the UID: a crash may have come between making it anew and recording that.
  if (!isOwned(found, cluster.owner)) {
    const isSame = found.metadata.uid === uid;
    const message = isSame
      ? `Somebody took the label ${cluster.ours} off the namespace ${name}; it is left alone until the label is back.`
      : `Somebody deleted the namespace ${name}, and another one that is not ours has its name; that one is left alone.`;
    return { reason: foreignObject, message, isGone: !isSame, next: done() };
  }
  if (deletionTimestamp === undefined) return undefined;
  const age = Math.max(0, now().getTime() - Date.parse(deletionTimestamp));
  const cause = removalWaitsFor(found) ?? 'the cluster is at it';
  return {
    // The reason tells that it takes too long, so the alarm is raised once.
    reason: age > failedAfterMs ? namespaceStuck : namespaceTerminating,
    message: `Somebody deleted the namespace ${name}; it is being removed${forMinutes(age)}, and made again, empty, after that: ${cause}`,
    isGone: false,
    next: again({ afterMs: lookAgainAfterMs(age, 1_000), because: 'somebody is deleting the namespace' }),
  };
}
