import { kubeErrors, type Cluster } from '@ephemera/kube';
import { EphemeraError, instanceLabel } from '@ephemera/model';
import { gone, living } from '../ledger/ledger.ts';
import type { Database, Executor } from '../store/database.ts';
import { finishDeployment, startDeployment } from '../store/deployments.ts';
import { environmentById, updateEnvironment } from '../store/environments.ts';
import { recordStep } from '../store/events.ts';
import type { Environment } from '../store/schema.ts';
import type { Claim } from '../work/claim.ts';
import { again, done, type Outcome } from '../work/outcome.ts';
import { namespaceMissing, type Plan } from './decide.ts';
import type { Limits } from './objects.ts';
import type { Step } from './step.ts';
import { enforced } from './steps/enforced.ts';
import { guardrails } from './steps/guardrails.ts';
import { namespace } from './steps/namespace.ts';
import { transition } from './transition.ts';

export interface ConvergeDeps {
  readonly db: Database;
  readonly cluster: Cluster;
  readonly limits: Limits;
}

/** The reason of an environment whose step waits for the cluster, as most do for a moment. */
export const waiting = 'environment.waiting';

/** Final for one call, but not for an environment: the namespace was deleted between two steps, or a token is being renewed. */
const healsByItself: ReadonlySet<string> = new Set([kubeErrors.NotFound.code, kubeErrors.Unauthenticated.code]);

const steps: readonly Step[] = [namespace, guardrails, enforced];

/** Brings an environment to a commit: each step in turn, then ready. Stops as soon as something else is wanted. */
export async function converge(
  deps: ConvergeDeps,
  claim: Claim,
  row: Environment,
  plan: Plan & { kind: 'converge' },
): Promise<Outcome> {
  const missing = await markMissingNamespace(deps, claim, row, plan.commitSha);
  if (missing) return missing;

  const environment = await claim.write(async (tx) => {
    await startDeployment(tx, row.id, plan.commitSha);
    // A run that goes on where the last one waited keeps what explains the wait: cleared and said again, it would be news to GitHub
    // with every run.
    if (row.status === plan.as && row.commitSha === plan.commitSha) return row;
    return transition(tx, row, { status: plan.as, commitSha: plan.commitSha });
  });
  for (const step of steps) {
    if (!(await stillWanted(deps.db, environment))) return again({ afterMs: 0, because: 'something newer is wanted' });
    const outcome = await attempt(deps, claim, environment, step);
    if (outcome.kind !== 'done') return outcome.kind === 'failed' ? done() : outcome;
    await claim.write((tx) =>
      recordStep(tx, { environmentId: environment.id, commitSha: environment.commitSha, step: step.name }),
    );
  }
  return claim.write((tx) => finish(tx, environment));
}

/** Runs one step. Whatever holds it up is written where people look, and is cleared by the state that follows. */
async function attempt(
  { cluster, limits }: ConvergeDeps,
  claim: Claim,
  environment: Environment,
  step: Step,
): Promise<Outcome | { readonly kind: 'failed' }> {
  try {
    const outcome = await step.run({ environment, cluster, limits, claim });
    // In the row only: most waits are over before anybody has read of them on GitHub.
    if (outcome.kind === 'again') {
      const because = { reason: waiting, errorMessage: outcome.because };
      await claim.write((tx) => updateEnvironment(tx, environment.id, because));
    }
    return outcome;
  } catch (error) {
    claim.signal.throwIfAborted();
    if (!(error instanceof EphemeraError)) throw error;
    if (error.retryable || healsByItself.has(error.code)) {
      const because = { reason: error.code, message: error.message };
      await claim.write((tx) => transition(tx, environment, { status: environment.status, because }));
      throw error;
    }
    await claim.write((tx) => fail(tx, environment, error));
    return { kind: 'failed' };
  }
}

async function fail(tx: Executor, environment: Environment, error: EphemeraError): Promise<void> {
  await finishDeployment(tx, environment.id, environment.commitSha, error.message);
  const hint = error.hint === undefined ? '' : ` ${error.hint}`;
  await transition(tx, environment, {
    status: 'failed',
    because: { reason: error.code, message: `${error.message}${hint}` },
  });
}

async function finish(tx: Executor, environment: Environment): Promise<Outcome> {
  const newest = await environmentById(tx, environment.id);
  if (!newest || !sameWish(newest, environment)) return again({ afterMs: 0, because: 'something newer is wanted' });
  await finishDeployment(tx, environment.id, environment.commitSha);
  await transition(tx, newest, { status: 'ready', lastDeployedAt: new Date() });
  return done();
}

async function stillWanted(db: Database, environment: Environment): Promise<boolean> {
  const newest = await environmentById(db, environment.id);
  return newest !== undefined && sameWish(newest, environment);
}

function sameWish(newest: Environment, environment: Environment): boolean {
  return newest.wantedState === 'open' && newest.wantedSha === environment.commitSha;
}

/**
 * A namespace that was there and no longer is: shown as failed, so that nobody wonders where their data went, and made again by
 * the very next run. Only "not found" by a quorum read counts; an API error is thrown and tried again.
 */
export async function markMissingNamespace(
  deps: ConvergeDeps,
  claim: Claim,
  environment: Environment,
  commitSha: string,
): Promise<Outcome | undefined> {
  const recorded = (await living(deps.db, environment.id)).find(
    ({ kind, uid }) => kind === 'Namespace' && uid !== null,
  );
  if (!recorded) return undefined;
  claim.assertHeld();
  const { apiVersion, kind, name } = recorded;
  const found = await deps.cluster.get({ apiVersion, kind, name }, claim.signal);
  // By our mark and not by the UID: a crash may have come between making it anew and recording that.
  if (found?.metadata.labels?.[instanceLabel] === deps.cluster.owner.instance) {
    if (found.metadata.deletionTimestamp === undefined) return undefined;
    return again({ afterMs: 1_000, because: 'somebody is deleting the namespace' });
  }
  await claim.write(async (tx) => {
    await gone(tx, recorded.id);
    await transition(tx, environment, {
      status: 'failed',
      commitSha,
      because: {
        reason: namespaceMissing,
        message: `Somebody deleted the namespace ${name}; it is being made again, empty.`,
      },
    });
  });
  return again({ afterMs: 0, because: 'the namespace is made again' });
}
