import { kubeErrors, type Cluster } from '@ephemera/kube';
import { EphemeraError, messageOf } from '@ephemera/model';
import { appAccount, managerBinding, managerRole, sandboxAccount } from '../rights/rules.ts';
import { fault, fine, type CheckResult, type Finding } from './check-result.ts';
import { checkAppAccount, checkBinding, checkOtherBindings, checkRole, checkSandboxAccount } from './object-checks.ts';
import { checkNeeded, checkNothingElse, rightsOfApp, rightsOfSandbox } from './rights-checks.ts';
import { roundTrip } from './round-trip.ts';

export interface VerifyOptions {
  readonly cluster: Cluster;
  /** Where the accounts are, and the sandboxes will be. */
  readonly namespace: string;
  /** Then a sandbox of this image is made, runs a command, and is removed. */
  readonly image?: string | undefined;
  /** How long the cluster may take to answer at all. Default 10,000. */
  readonly answerTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Check = readonly [name: string, run: () => Promise<Finding>];

/**
 * Checks, one after the other, whether a cluster is ready for sandboxes: both accounts, the Role, its binding, and what the API server
 * says about every right of both. Changes nothing, but for the sandbox of `image`. A check that could not be made is a fault.
 * Throws `kube.unreachable` and the like when the cluster does not answer at all.
 */
export async function* verifyDeployment(options: VerifyOptions): AsyncGenerator<CheckResult, void, undefined> {
  for (const [check, run] of checksOf(options)) {
    const finding = await run().catch((error: unknown): Finding => {
      if (options.signal?.aborted === true || isUnreachable(error)) throw error;
      const hint = error instanceof EphemeraError ? error.hint : undefined;
      return fault(
        `could not be checked: ${messageOf(error)}`,
        hint ?? 'Run it again with the rights of an administrator.',
      );
    });
    yield { check, ...finding };
  }
}

function checksOf({ cluster, namespace, image, signal, answerTimeoutMs = 10_000 }: VerifyOptions): readonly Check[] {
  const place = { cluster, namespace, signal };
  const ofApp = once(() => rightsOfApp(place));
  return [
    [
      'cluster',
      async () =>
        fine(
          `${cluster.name} at ${cluster.server} answers, ${await cluster.version({ timeoutMs: answerTimeoutMs, ...withSignal(signal) })}`,
        ),
    ],
    [`ServiceAccount ${appAccount}`, () => checkAppAccount(place)],
    [`ServiceAccount ${sandboxAccount}`, () => checkSandboxAccount(place)],
    [`Role ${managerRole}`, () => checkRole(place)],
    [`RoleBinding ${managerBinding}`, () => checkBinding(place)],
    ['other bindings', () => checkOtherBindings(place)],
    [`rights of ${appAccount}`, async () => checkNeeded(await ofApp(), namespace)],
    [`limits of ${appAccount}`, async () => checkNothingElse(await ofApp(), appAccount)],
    [`limits of ${sandboxAccount}`, async () => checkNothingElse(await rightsOfSandbox(place), sandboxAccount)],
    ...(image === undefined ? [] : ([['round trip', () => roundTrip({ cluster, namespace, image, signal })]] as const)),
  ];
}

/** Two checks look at the same answers. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}

const withSignal = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

const unreachable: ReadonlySet<string> = new Set([
  kubeErrors.Unreachable.code,
  kubeErrors.DeadlineExceeded.code,
  kubeErrors.Unauthenticated.code,
  kubeErrors.CredentialsUnavailable.code,
  kubeErrors.Unavailable.code,
]);

/** Then no further check can say anything. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof EphemeraError && unreachable.has(error.code);
}
