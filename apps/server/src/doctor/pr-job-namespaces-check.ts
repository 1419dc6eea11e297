import { kubeErrors, type Cluster, type Right } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { prJobRights } from '../cluster-rights.ts';
import type { Verdict } from './check.ts';
import { nameOf } from './cluster-checks.ts';

export interface PrJobNamespaces {
  readonly namespaces: readonly string[];
  readonly builder: 'rootless' | 'privileged';
  /** Whether somebody has named these namespaces. Where nobody has, nobody may want jobs at all, and nothing is broken. */
  readonly asked: boolean;
}

/** What was found in one namespace. Undefined: it could not be said. */
export interface PrJobNamespace {
  readonly name: string;
  readonly exists: boolean | undefined;
  readonly missing: readonly Right[];
  readonly rights: number;
  /** Of its label `pod-security.kubernetes.io/enforce`. Null: it has none. */
  readonly enforced: string | null | undefined;
  readonly privilegedBuilders: boolean;
  /** How many Secrets are there that are not of jobs. */
  readonly otherSecrets: number | undefined;
}

const enforceLabel = 'pod-security.kubernetes.io/enforce';
const privilegedLabel = 'ephemera.dev/privileged-builders';

export async function checkPrJobNamespaces(
  cluster: Cluster,
  asked: PrJobNamespaces,
  signal: AbortSignal,
): Promise<Verdict> {
  return judgePrJobNamespaces(await Promise.all(asked.namespaces.map((name) => lookAt(cluster, name, signal))), asked);
}

async function lookAt(cluster: Cluster, name: string, signal: AbortSignal): Promise<PrJobNamespace> {
  const rights = prJobRights(name);
  const [namespace, answers, otherSecrets] = await Promise.all([
    unlessForbidden(async () => (await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }, signal)) ?? null),
    Promise.all(rights.map((right) => cluster.mayI(right, signal))),
    countOtherSecrets(cluster, name, signal),
  ]);
  const labels = namespace?.metadata.labels ?? {};
  return {
    name,
    exists: namespace === undefined ? undefined : namespace !== null,
    missing: rights.filter((_, index) => answers[index] !== true),
    rights: rights.length,
    enforced: namespace === undefined ? undefined : (labels[enforceLabel] ?? null),
    privilegedBuilders: labels[privilegedLabel] === 'true',
    otherSecrets,
  };
}

async function unlessForbidden<Value>(read: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof kubeErrors.Forbidden) return undefined;
    throw error;
  }
}

/** Their names and labels only: what is in them is nobody's business here. */
async function countOtherSecrets(cluster: Cluster, namespace: string, signal: AbortSignal) {
  return unlessForbidden(async () => {
    const list = async (fieldSelector?: string) =>
      (
        await cluster.list('v1/Secret', {
          namespace,
          metadataOnly: true,
          signal,
          ...(fieldSelector && { fieldSelector }),
        })
      ).items;
    const [secrets, tokens] = await Promise.all([list(), list('type=kubernetes.io/service-account-token')]);
    const own = new Set(tokens.filter(isOfJobAccount).map(({ metadata }) => metadata.uid));
    return secrets.filter(({ metadata }) => metadata.labels?.['app'] !== 'catalyst-pr-job' && !own.has(metadata.uid))
      .length;
  });
}

/** The cluster makes it, and writes no label. */
function isOfJobAccount({ metadata }: KubeObject): boolean {
  return metadata.annotations?.['kubernetes.io/service-account.name']?.endsWith('-buildx-sa') === true;
}

/** Pure. */
export function judgePrJobNamespaces(found: readonly PrJobNamespace[], wanted: PrJobNamespaces): Verdict {
  const { asked } = wanted;
  const told = found.map((one) => ({ one, problems: problemsOf(one, wanted), remarks: remarksOf(one) }));
  const detail = told
    .map(({ one, problems, remarks }) => `${one.name}: ${[...problems, ...remarks].join('; ') || 'all is there'}`)
    .join('. ');
  if (told.some(({ problems }) => problems.length > 0)) {
    return {
      ok: asked ? false : null,
      detail,
      hint: `${asked ? '' : 'Only for pull-request jobs: '}docs/operations.md says what such a namespace needs, and has the Role; PR_JOBS_NAMESPACES names them.`,
    };
  }
  if (told.every(({ remarks }) => remarks.length === 0)) return { ok: true, detail };
  return { ok: null, detail, hint: 'Better is a namespace of its own for jobs, without Secrets of anybody else.' };
}

function problemsOf(
  { exists, missing, rights, ...one }: PrJobNamespace,
  { builder, asked }: PrJobNamespaces,
): string[] {
  if (exists === false) return ['there is no such namespace'];
  const problems: string[] = [];
  if (missing.length > 0) {
    // Where nobody wants jobs, as a rule all but a few are missing, and their names are of no use.
    problems.push(
      asked
        ? `missing: ${missing.map(nameOf).join(', ')}`
        : `${missing.length} of the ${rights} rights that jobs need are missing`,
    );
  }
  // Both kinds of builders run without a seccomp profile at least, which these levels refuse.
  if (one.enforced === 'baseline' || one.enforced === 'restricted')
    problems.push(`it enforces the Pod Security level ${one.enforced}, which refuses builders`);
  if (builder === 'privileged' && exists === true && !one.privilegedBuilders)
    problems.push(`PR_JOBS_BUILDER=privileged needs its label ${privilegedLabel}=true`);
  return problems;
}

function remarksOf({ exists, otherSecrets }: PrJobNamespace): string[] {
  if (exists === false) return [];
  if (exists === undefined) return ['whether it exists, and which pods it takes, cannot be said'];
  if (otherSecrets === undefined) return ['whether there are Secrets of others cannot be said'];
  if (otherSecrets === 0) return [];
  return ['it holds Secrets of others, so jobs of the profile seed are refused and only minimal is taken'];
}
