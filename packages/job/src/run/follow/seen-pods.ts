import type { Pod } from '@ephemera/model';

/** The pods of one Job as they were seen last. */
export interface SeenPods {
  see(pod: Pod): void;
  gone(pod: Pod): void;
  /** Those that are there, and the last ones that are gone: a pod that failed is often deleted before anybody asks why. */
  all(): readonly Pod[];
  /** Those that were there and are not among these. */
  notAmong(pods: readonly Pod[]): readonly Pod[];
}

const goneKept = 20;

/** `onPhase` is called when a pod is seen for the first time and whenever its phase changes. */
export function seenPods(onPhase: (pod: string, phase: string, node: string | undefined) => void): SeenPods {
  const present = new Map<string, Pod>();
  let gone: readonly Pod[] = [];
  const uidOf = ({ metadata }: Pod): string => metadata.uid ?? metadata.name;
  const phaseOf = (pod: Pod | undefined): string | undefined => pod && (pod.status?.phase ?? 'Pending');
  return {
    see: (pod) => {
      const uid = uidOf(pod);
      const phase = phaseOf(pod) ?? 'Pending';
      if (phaseOf(present.get(uid)) !== phase) onPhase(pod.metadata.name, phase, pod.spec.nodeName);
      present.set(uid, pod);
    },
    gone: (pod) => {
      if (!present.delete(uidOf(pod))) return;
      gone = [...gone, pod].slice(-goneKept);
    },
    all: () => [...gone, ...present.values()],
    notAmong: (pods) => {
      const uids = new Set(pods.map(uidOf));
      return [...present.values()].filter((pod) => !uids.has(uidOf(pod)));
    },
  };
}
