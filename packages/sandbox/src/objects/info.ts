import type { Job } from '@ephemera/model';
import type { SandboxInfo } from '../sandbox-options.ts';
import { expiresAnnotation, idleAnnotation, metadataPrefix, nameLabel } from './marks.ts';

/** What a Job tells about its sandbox. Total: others may have written into it. */
export function infoOf(job: Job): SandboxInfo {
  const { metadata, spec, status } = job;
  const { labels = {}, annotations = {}, creationTimestamp = '' } = metadata;
  const name = labels[nameLabel];
  const idleMs = Number(annotations[idleAnnotation]);
  const reason = endOf(job);
  return {
    id: metadata.name,
    ...(name !== undefined && { name }),
    image: spec.template.spec.containers[0]?.image ?? '',
    namespace: metadata.namespace ?? '',
    // Without a probe a pod is ready as soon as its container runs.
    state: reason !== undefined ? 'ended' : (status?.ready ?? 0) > 0 ? 'running' : 'starting',
    ...(reason !== undefined && { reason }),
    createdAt: creationTimestamp,
    expiresAt: expiryOf(annotations[expiresAnnotation]) ?? creationTimestamp,
    ...(idleMs > 0 && { idleTimeoutMs: idleMs }),
    metadata: Object.fromEntries(
      Object.entries(annotations)
        .filter(([key]) => key.startsWith(metadataPrefix))
        .map(([key, value]) => [key.slice(metadataPrefix.length), value]),
    ),
  };
}

function expiryOf(text: string | undefined): string | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** Why it no longer runs, as the Job itself says it; undefined while it does. */
function endOf({ metadata, status }: Pick<Job, 'metadata' | 'status'>): string | undefined {
  const { conditions = [] } = status ?? {};
  const end = conditions.find(
    ({ type, status: holds }) =>
      holds === 'True' && ['Complete', 'Failed', 'SuccessCriteriaMet', 'FailureTarget'].includes(type),
  );
  if (metadata.deletionTimestamp !== undefined) return 'It is being removed.';
  if (end === undefined) return undefined;
  if (end.type === 'Complete' || end.type === 'SuccessCriteriaMet') return 'Its time was over.';
  return [end.reason, end.message].filter(Boolean).join(': ') || 'Its Job failed.';
}
