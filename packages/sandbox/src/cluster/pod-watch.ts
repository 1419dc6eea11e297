import type { Job, Pod } from '@ephemera/model';
import { changes, type Changes } from './changes.ts';
import { podOfJob } from './pod-state.ts';
import { podsOf, type Setting } from './setting.ts';

/** The pod of a sandbox as it is now, and when it changes. */
export interface PodWatch {
  readonly news: Changes;
  /** Undefined while there is none, or nothing is known yet. */
  of(job: Job | undefined): Pod | undefined;
}

/** Follows the pods of one sandbox until `signal` aborts. What goes wrong is told and tried again. */
export function watchPods(
  setting: Setting,
  id: string,
  { signal, onError }: { readonly signal: AbortSignal; readonly onError: (error: unknown) => void },
): PodWatch {
  const news = changes();
  let pods: ReadonlyMap<string, Pod> = new Map();
  void setting.cluster.watch<Pod>('v1/Pod', {
    ...podsOf(setting, id),
    signal,
    onError,
    onChange: (change) => {
      const next = new Map(change.type === 'listed' ? [] : pods);
      if (change.type === 'listed') for (const pod of change.objects) next.set(nameOf(pod), pod);
      else if (change.type === 'changed') next.set(nameOf(change.object), change.object);
      else next.delete(nameOf(change.object));
      pods = next;
      news.tell();
    },
  });
  return { news, of: (job) => (job === undefined ? undefined : podOfJob([...pods.values()], job)) };
}

function nameOf({ metadata }: Pod): string {
  return metadata.uid ?? metadata.name;
}
