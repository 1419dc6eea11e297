import type { Pod } from '@ephemera/model';

/** The pods of one Job as they were seen last. */
export interface SeenPods {
  /**
   * False: a later state of it was seen before. A list at the end and the watch come by two ways, and what the watch still tells of then
   * must not bring back a container that has ended as one that waits.
   */
  see(pod: Pod): boolean;
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
      const before = present.get(uid);
      if (before && isOlder(pod, before)) return false;
      if (phaseOf(before) !== phase) onPhase(pod.metadata.name, phase, pod.spec.nodeName);
      present.set(uid, pod);
      return true;
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

const wholeNumber = /^\d+$/;

/** By their versions, which are numbers that rise wherever we know; where they are not, what came later counts as newer. */
function isOlder({ metadata: { resourceVersion: one = '' } }: Pod, { metadata: { resourceVersion: other = '' } }: Pod) {
  return wholeNumber.test(one) && wholeNumber.test(other) && BigInt(one) < BigInt(other);
}
