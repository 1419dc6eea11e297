import { kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { refText } from '@ephemera/model';
import { guardObjects, isInForce } from '@ephemera/pull-request-pod';
import type { Verdict } from './check.ts';

/** Whether the cluster limits what accounts of pull-request jobs may create, as this version wants it. */
export async function checkGuard(cluster: Cluster, signal: AbortSignal): Promise<Verdict> {
  const wrong: string[] = [];
  try {
    for (const object of guardObjects()) {
      const found = await cluster.get(refOf(object), signal);
      if (!found) wrong.push(`${refText(refOf(object))} is missing`);
      else if (!isInForce(found, object))
        wrong.push(`${refText(refOf(object))} is another one than this version makes`);
    }
  } catch (error) {
    if (!(error instanceof kubeErrors.Forbidden)) throw error;
    return {
      ok: null,
      detail:
        'whether the guard over accounts of pull-request jobs is in force cannot be said: this account may not read it',
      hint: 'docs/operations.md has the ClusterRole that lets it.',
    };
  }
  if (wrong.length === 0) return { ok: true, detail: 'what accounts of pull-request jobs may create is limited' };
  return {
    ok: null,
    detail: wrong.join('; '),
    hint: 'Only for pull-request jobs: the first one makes it, where the server has the rights of the ClusterRole in docs/operations.md.',
  };
}
