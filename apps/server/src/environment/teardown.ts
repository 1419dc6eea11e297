import { kubeErrors, type Cluster } from '@ephemera/kube';
import { EphemeraError, messageOf } from '@ephemera/model';
import { entryRef, gone, living } from '../ledger/ledger.ts';
import type { Database } from '../store/database.ts';
import { supersedeDeployments } from '../store/deployments.ts';
import type { Environment, LedgerEntry } from '../store/schema.ts';
import type { Claim } from '../work/claim.ts';
import { again, done, type Outcome } from '../work/outcome.ts';
import { endingOf, endings } from './ending.ts';
import { forMinutes, lookAgainAfterMs } from './look-again.ts';
import { transition } from './transition.ts';

export interface TeardownDeps {
  readonly db: Database;
  readonly cluster: Cluster;
  /** A removal that takes longer is shown as failed. It is tried for ever all the same. */
  readonly failedAfterMs: number;
  readonly now: () => Date;
}

/**
 * A call that was cut off in between (a crash, a lost lease) may still take effect for this long: our own deadline of 30 s for a call,
 * and the API server's of 60 s for a request. Until then "not found" does not mean that nothing comes.
 */
const callInFlightMs = 90_000;
const removing = 'environment.removing';

/** Walks the ledger backwards until nothing is left. Never asks GitHub for anything. */
export async function teardown(deps: TeardownDeps, claim: Claim, row: Environment): Promise<Outcome> {
  const environment = row.destroyingSince ? row : await begin(deps, claim, row);
  for (const entry of await living(deps.db, environment.id)) {
    const waitingFor = await takeDown(deps, claim, entry);
    if (waitingFor === undefined) {
      await claim.write((tx) => gone(tx, entry.id));
      continue;
    }
    await explain(deps, claim, environment, waitingFor);
    // What was made first goes last: an older entry may be needed by this one until it is gone.
    return again({ afterMs: lookAgainAfterMs(ageMs(deps, environment)), because: waitingFor.message });
  }
  const ending = endingOf(environment);
  const because = ending && { because: { reason: ending, message: endings[ending] } };
  await claim.write((tx) => transition(tx, environment, { status: 'destroyed', destroyedAt: deps.now(), ...because }));
  return done();
}

/** Takes down what was found of a destroyed environment, without touching its state. */
export async function clear(deps: TeardownDeps, claim: Claim, environment: Environment): Promise<Outcome> {
  for (const entry of await living(deps.db, environment.id)) {
    const waitingFor = await takeDown(deps, claim, entry);
    if (waitingFor !== undefined) {
      const age = deps.now().getTime() - entry.intendedAt.getTime();
      return again({ afterMs: lookAgainAfterMs(age), because: waitingFor.message });
    }
    await claim.write((tx) => gone(tx, entry.id));
  }
  return done();
}

async function begin(deps: TeardownDeps, claim: Claim, environment: Environment): Promise<Environment> {
  return claim.write(async (tx) => {
    await supersedeDeployments(tx, environment.id);
    const ending = endingOf(environment);
    return transition(tx, environment, {
      status: 'destroying',
      // The newest commit is the one that GitHub shows on the pull request, also where it never got an environment.
      commitSha: environment.wantedSha,
      destroyingSince: deps.now(),
      because: {
        reason: ending ?? removing,
        message: ending
          ? `${endings[ending]} What was made is being removed.`
          : 'The pull request is closed; what was made for it is being removed.',
      },
    });
  });
}

interface Waiting {
  readonly reason: string;
  readonly message: string;
}

/** Undefined when the entry is gone for good. */
async function takeDown(
  { cluster, now }: TeardownDeps,
  claim: Claim,
  entry: LedgerEntry,
): Promise<Waiting | undefined> {
  claim.assertHeld();
  const nothingInFlight = now().getTime() - entry.intendedAt.getTime() > callInFlightMs;
  try {
    // Whatever carries our mark under this name is ours, also where its UID was never recorded: the name is of one generation only.
    const removal = await cluster.remove(entryRef(entry), { signal: claim.signal });
    if (removal.state === 'removing') {
      const cause = removal.waitingFor ?? 'the cluster is at it';
      const age = forMinutes(now().getTime() - Date.parse(removal.since));
      return { reason: removing, message: `${entry.kind} ${entry.name} is being removed${age}: ${cause}` };
    }
    if (entry.uid !== null || nothingInFlight) return undefined;
    return { reason: removing, message: `${entry.kind} ${entry.name} may still be on its way into the cluster` };
  } catch (error) {
    claim.signal.throwIfAborted();
    if (!(error instanceof EphemeraError)) throw error;
    // Ours is gone, and somebody else has taken its name; or ours was never made, as the name was taken.
    if (error instanceof kubeErrors.Foreign && (entry.uid !== null || nothingInFlight)) return undefined;
    return { reason: error.code, message: `${entry.kind} ${entry.name} cannot be removed: ${messageOf(error)}` };
  }
}

/** People see why it takes so long: in `destroying` at first, in `failed` when it has taken too long. */
async function explain(deps: TeardownDeps, claim: Claim, environment: Environment, because: Waiting): Promise<void> {
  const overdue = ageMs(deps, environment) > deps.failedAfterMs;
  // What holds up the removal explains nothing about why the environment ends; the code that says that stays, to the end.
  const reason = endingOf(environment) ?? because.reason;
  const explained = { status: overdue ? 'failed' : 'destroying', because: { ...because, reason } } as const;
  await claim.write((tx) => transition(tx, environment, explained));
}

/** How long the removal has been going on. */
function ageMs(deps: TeardownDeps, { destroyingSince }: Environment): number {
  return destroyingSince === null ? 0 : deps.now().getTime() - destroyingSince.getTime();
}
