import { kubeErrors, refOf } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { created, gone } from '../../ledger/ledger.ts';
import { again, done } from '../../work/outcome.ts';
import { namespaceObject } from '../objects.ts';
import type { Leaves, Step } from '../step.ts';

/**
 * Makes the namespace. The intent stands in the ledger before: a crash after the API server said yes would otherwise leave a
 * namespace that nobody knows.
 */
export const namespace: Step = {
  name: 'namespace',
  run: async ({ environment, line, cluster, claim }) => {
    const wanted = namespaceObject(environment);
    claim.assertHeld();
    const applied = await cluster
      .apply<KubeObject & { status?: { phase?: string } }>(wanted, { signal: claim.signal })
      .catch(async (error: unknown) => {
        // Refused by the read before anything was sent, and nothing was sent before: of ours there is nothing under this name.
        if (line.isFirst && error instanceof kubeErrors.Foreign) await claim.write((tx) => gone(tx, line.id));
        throw error;
      });
    const leaves: Leaves = (tx) => created(tx, environment.id, refOf(wanted), applied.metadata.uid ?? '');
    const outcome =
      applied.status?.phase === 'Active' ? done() : again({ afterMs: 500, because: 'the namespace is not active yet' });
    return { ...outcome, leaves };
  },
};
