import { refOf, type KnownKind } from '@ephemera/kube';
import { refText, type KubeObject } from '@ephemera/model';
import { hasDrifted, requiredObjects } from '../environment/drift.ts';
import type { Environment } from '../store/schema.ts';
import { enqueue } from '../store/work.ts';
import type { Pass } from './pass.ts';

/**
 * What has to be in the namespaces of ready environments, one list for each kind. What somebody edited or deleted is set back by the
 * environment’s own work, which reads each object again and says on the timeline what it found.
 * `ready` was read before `namespaces`: an environment that became ready since is not among them.
 */
export async function sweepGuardrails(
  pass: Pass,
  ready: readonly Environment[],
  namespaces: readonly KubeObject[],
): Promise<void> {
  const present = new Set(namespaces.map(({ metadata }) => metadata.name));
  const required = ready
    .filter(({ namespace }) => present.has(namespace))
    .flatMap((environment) => requiredObjects(environment, pass.limits).map((object) => ({ environment, object })));
  const kinds = new Set(required.map(({ object }) => `${object.apiVersion}/${object.kind}` as KnownKind));
  for (const kind of kinds) {
    await pass.isolated(kind, async () => {
      const actual = kind === 'v1/Namespace' ? namespaces : await listOurs(pass, kind);
      const byRef = new Map(actual.map((object) => [refText(refOf(object)), object]));
      for (const { environment, object } of required) {
        const subject = refText(refOf(object));
        if (`${object.apiVersion}/${object.kind}` !== kind || !hasDrifted(object, byRef.get(subject))) continue;
        const detail = byRef.has(subject)
          ? 'It says something else than it has to.'
          : 'It is missing, or lost our mark.';
        await pass.found(
          { kind: 'edited_object', subject, environmentId: environment.id, action: 'enqueued', detail },
          () =>
            enqueue(pass.db, {
              kind: 'environment',
              key: String(environment.id),
              fairKey: String(environment.repositoryId),
            }),
        );
      }
    });
  }
}

async function listOurs({ cluster, claim }: Pass, kind: KnownKind): Promise<readonly KubeObject[]> {
  claim.assertHeld();
  const { items } = await cluster.list<KubeObject>(kind, { labelSelector: cluster.ours, signal: claim.signal });
  return items;
}
