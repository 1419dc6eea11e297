import { kubeErrors, type Cluster, type Right } from '@ephemera/kube';
import { messageOf } from '@ephemera/model';
import { provideRunner } from '@ephemera/sandbox';
import { sandboxRights } from '../cluster-rights.ts';
import type { Verdict } from './check.ts';
import { nameOf } from './cluster-checks.ts';

export interface SandboxesWanted {
  /** Undefined: nobody may make any. */
  readonly namespace: string | undefined;
  readonly account: string;
  /** Where jobs of pull requests run, which may open a shell in every pod of theirs. */
  readonly jobNamespaces: readonly string[];
  /** Whether somebody has named the namespace. Where nobody has, nobody may want sandboxes at all, and nothing is broken. */
  readonly asked: boolean;
}

/** What was found. Undefined: it could not be said. */
export interface SandboxesFound {
  readonly exists: boolean | undefined;
  readonly hasAccount: boolean | undefined;
  readonly missing: readonly Right[];
  /** Why there is no runner to put into sandboxes. */
  readonly runnerProblem: string | undefined;
}

export async function checkSandboxes(cluster: Cluster, wanted: SandboxesWanted, signal: AbortSignal): Promise<Verdict> {
  const { namespace, account } = wanted;
  if (namespace === undefined) return { ok: true, detail: 'nobody may make any: SANDBOXES_NAMESPACE is none' };
  const rights = sandboxRights(namespace);
  const [exists, hasAccount, answers, runnerProblem] = await Promise.all([
    isThere(cluster, { apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal),
    isThere(cluster, { apiVersion: 'v1', kind: 'ServiceAccount', name: account, namespace }, signal),
    Promise.all(rights.map((right) => cluster.mayI(right, signal))),
    provideRunner('amd64', { signal }).then(() => undefined, messageOf),
  ]);
  const missing = rights.filter((_, index) => answers[index] !== true);
  return judgeSandboxes({ exists, hasAccount, missing, runnerProblem }, wanted);
}

type Ref = Parameters<Cluster['get']>[0];

async function isThere(cluster: Cluster, ref: Ref, signal: AbortSignal): Promise<boolean | undefined> {
  try {
    return (await cluster.get(ref, signal)) !== undefined;
  } catch (error) {
    if (error instanceof kubeErrors.Forbidden) return undefined;
    throw error;
  }
}

/** Pure. */
export function judgeSandboxes(found: SandboxesFound, wanted: SandboxesWanted): Verdict {
  const { namespace = '', account, jobNamespaces, asked } = wanted;
  const problems =
    found.exists === false
      ? ['there is no such namespace']
      : [
          ...(found.missing.length === 0 ? [] : [`missing: ${found.missing.map(nameOf).join(', ')}`]),
          ...(found.hasAccount === false ? [`there is no account ${account}`] : []),
          ...(found.runnerProblem === undefined ? [] : [found.runnerProblem]),
        ];
  if (problems.length > 0) {
    return {
      ok: asked ? false : null,
      detail: `${namespace}: ${problems.join('; ')}`,
      hint: `${asked ? '' : 'Only for sandboxes: '}docs/operations.md says what they need; SANDBOXES_NAMESPACE names their namespace, or none.`,
    };
  }
  if (jobNamespaces.includes(namespace)) {
    return {
      ok: false,
      detail: `${namespace}: all is there; jobs of pull requests run there too, and may open a shell in every sandbox`,
      hint: 'Sandboxes need a namespace of their own: SANDBOXES_NAMESPACE.',
    };
  }
  return { ok: true, detail: `${namespace}: all is there` };
}
