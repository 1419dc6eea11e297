import { ofJob, type Finding } from './finding.ts';
import { makerName, refusal } from './refusal.ts';
import { ageMs, type Scene } from './scene.ts';

/** The service account of the pods does not exist. `default` is made by the cluster shortly after its namespace, so it is waited for. */
export function account(scene: Scene): Finding | undefined {
  const refused = refusal(scene);
  const missing =
    /error looking up service account (?:([^/\s]+)\/)?([^\s:]+):.*not found|service ?account "?([^"\s]+)"? (?:was )?not found/i.exec(
      refused?.said ?? '',
    );
  if (refused === undefined || missing === null) return undefined;
  const name = missing[2] ?? missing[3] ?? scene.job?.accountName ?? '';
  const place = missing[1] ?? scene.job?.namespace;
  const cameWithNamespace = name === 'default';
  return ofJob(scene.job, {
    code: 'pod.account',
    message: `The pods of ${makerName(scene)} cannot be made: ${refused.said}`,
    hint: `Create service account ${name}${place ? ` in namespace ${place}` : ''} (kubectl apply -f k8s/rbac/k8s.yaml brings those of the sandboxes), or name one that exists.`,
    retryable: cameWithNamespace,
    final: !cameWithNamespace || ageMs(refused.since, scene) >= scene.graces.noPodMs,
    since: refused.since,
  });
}
