import { kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { EphemeraError } from '@ephemera/model';
import { intend } from '../ledger/ledger.ts';
import type { Database, Executor } from '../store/database.ts';
import { finishDeployment, startDeployment } from '../store/deployments.ts';
import { updateEnvironment } from '../store/environments.ts';
import { recordSteps, standsStillMs } from '../store/events.ts';
import type { Environment } from '../store/schema.ts';
import type { Claim } from '../work/claim.ts';
import { again, done, type Outcome } from '../work/outcome.ts';
import type { Plan } from './decide.ts';
import { lookAgainAfterMs } from './look-again.ts';
import { explainLostNamespace, type LostNamespaceDeps } from './lost-namespace.ts';
import { namespaceObject, type Limits } from './objects.ts';
import type { Leaves, Step, StepContext, StepOutcome } from './step.ts';
import { enforced } from './steps/enforced.ts';
import { guardrails } from './steps/guardrails.ts';
import { namespace } from './steps/namespace.ts';
import { transition } from './transition.ts';
import { whileWanted } from './wanted.ts';

export interface ConvergeDeps extends LostNamespaceDeps {
  readonly db: Database;
  readonly cluster: Cluster;
  readonly limits: Limits;
}

/** The reason of an environment whose step waits for the cluster, as most do for a moment. */
export const waiting = 'environment.waiting';

/** Final for one call, but not for an environment: the namespace was deleted between two steps, or a token is being renewed. */
const healsByItself: ReadonlySet<string> = new Set([kubeErrors.NotFound.code, kubeErrors.Unauthenticated.code]);

const steps: readonly Step[] = [namespace, guardrails, enforced];

interface Run extends StepContext {
  /** Steps that are done, and when by `performance.now()`, until the next write takes them along. */
  readonly unwritten: { readonly name: string; readonly doneAt: number }[];
}

/**
 * Brings an environment to a commit: each step in turn, then ready. Every write looks whether that is still what is wanted, and the run
 * ends with the first one that finds that it is not.
 */
export async function converge(
  deps: ConvergeDeps,
  claim: Claim,
  row: Environment,
  plan: Plan & { kind: 'converge' },
): Promise<Outcome> {
  const lost = await explainLostNamespace(deps, claim, row, plan.commitSha);
  if (lost) return lost;
  const begun = await begin(claim, row, plan);
  if (!begun) return superseded();
  const run: Run = { ...begun, cluster: deps.cluster, limits: deps.limits, claim, unwritten: [] };
  for (const step of steps) {
    const outcome = await attempt(run, step);
    if (outcome) return outcome;
  }
  return (await write(run, (tx, newest) => finish(tx, newest))) ?? superseded();
}

/** The state that people see, and in the ledger what the first step makes. */
async function begin(
  claim: Claim,
  row: Environment,
  plan: Plan & { kind: 'converge' },
): Promise<Pick<StepContext, 'environment' | 'line'> | undefined> {
  return claim.write(async (tx) => {
    const newest = await whileWanted(tx, row.id, plan.commitSha);
    if (!newest) return undefined;
    // A run that goes on where the last one waited keeps what explains the wait: cleared and said again, it would be news to GitHub
    // with every run.
    const goesOn = newest.status === plan.as && newest.commitSha === plan.commitSha;
    const environment = goesOn ? newest : await transition(tx, newest, { status: plan.as, commitSha: plan.commitSha });
    await startDeployment(tx, row.id, plan.commitSha);
    const line = await intend(tx, row.id, refOf(namespaceObject(environment)));
    return { environment, line };
  });
}

/**
 * Runs one step. Whatever holds it up is written where people look, and is cleared by the state that follows. Undefined: go on.
 *
 * What a step leaves is written at once. That it is done may wait for the next write: after the guardrails comes a single read, and
 * whatever takes longer than that ends in a write of its own.
 */
async function attempt(run: Run, step: Step): Promise<Outcome | undefined> {
  let outcome: StepOutcome;
  try {
    outcome = await step.run(run);
  } catch (error) {
    return explain(run, error);
  }
  if (outcome.kind === 'again') return wait(run, outcome);
  run.unwritten.push({ name: step.name, doneAt: performance.now() });
  if (!outcome.leaves) return undefined;
  const wanted = await write(run, async () => true, outcome.leaves);
  return wanted ? undefined : superseded();
}

/** In the row only: most waits are over before anybody has read of them on GitHub. Said once, however often it is looked. */
async function wait(run: Run, { afterMs, because, leaves }: StepOutcome & { kind: 'again' }): Promise<Outcome> {
  const later = await write(
    run,
    async (tx, { id, reason, errorMessage }) => {
      if (reason !== waiting || errorMessage !== because)
        await updateEnvironment(tx, id, { reason: waiting, errorMessage: because });
      return lookAgainAfterMs(await standsStillMs(tx, id), afterMs);
    },
    leaves,
  );
  return later === undefined ? superseded() : again({ afterMs: later, because });
}

async function explain(run: Run, error: unknown): Promise<Outcome> {
  run.claim.signal.throwIfAborted();
  if (!(error instanceof EphemeraError)) throw error;
  const isFinal = !error.retryable && !healsByItself.has(error.code);
  const wanted = await write(run, async (tx, newest) => {
    const because = { reason: error.code, message: error.message };
    if (isFinal) await fail(tx, newest, error);
    else await transition(tx, newest, { status: newest.status, because });
    return true;
  });
  if (!wanted) return superseded();
  if (!isFinal) throw error;
  return done();
}

async function fail(tx: Executor, environment: Environment, error: EphemeraError): Promise<void> {
  const hint = error.hint === undefined ? '' : ` ${error.hint}`;
  await transition(tx, environment, {
    status: 'failed',
    because: { reason: error.code, message: `${error.message}${hint}` },
  });
  await finishDeployment(tx, environment.id, environment.commitSha, error.message);
}

async function finish(tx: Executor, environment: Environment): Promise<Outcome> {
  await transition(tx, environment, { status: 'ready', lastDeployedAt: new Date() });
  await finishDeployment(tx, environment.id, environment.commitSha);
  return done();
}

/**
 * One transaction: what exists and what was done is written in any case; what is said about the environment only while this run's commit
 * is wanted, else the answer is undefined.
 */
async function write<Result>(
  { claim, environment, unwritten }: Run,
  say: (tx: Executor, newest: Environment) => Promise<Result>,
  leaves?: Leaves,
): Promise<Result | undefined> {
  const { id: environmentId, commitSha } = environment;
  const now = performance.now();
  const finished = unwritten.splice(0).map(({ name, doneAt }) => ({ name, agoMs: now - doneAt }));
  return claim.write(async (tx) => {
    await leaves?.(tx);
    await recordSteps(tx, { environmentId, commitSha }, finished);
    const newest = await whileWanted(tx, environmentId, commitSha);
    return newest && say(tx, newest);
  });
}

function superseded(): Outcome {
  return again({ afterMs: 0, because: 'something newer is wanted' });
}
