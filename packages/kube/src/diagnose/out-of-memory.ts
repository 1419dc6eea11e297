import { ownEnd, restartsText } from './crashed.ts';
import { named, ofContainer, type Finding } from './finding.ts';
import type { ContainerView, PodView } from './pod-view.ts';
import { isTriedAgain } from './retry.ts';
import { ageMs, type Scene } from './scene.ts';

/**
 * A container that was killed for its memory. Told also while it runs again, as it will most likely be killed again; but then it may
 * still get through, so it is not final, and after a while of running it is over.
 */
export function outOfMemory(pod: PodView, container: ContainerView, scene: Scene): Finding | undefined {
  const { ended, before, running, memoryLimit } = container;
  const end = ownEnd(pod, container, scene) ?? ended ?? before;
  // Only a child of the program may have been killed, and the program got along without it.
  if (end?.reason !== 'OOMKilled' || end.exitCode === 0) return undefined;
  const runsAgain = running !== undefined && !scene.lookingBack;
  if (runsAgain && ageMs(running?.since, scene) >= scene.graces.healedMs) return undefined;
  const limit = memoryLimit === '' ? 'the memory that it may have' : `its memory limit of ${memoryLimit}`;
  return {
    ...ofContainer(pod, container, {
      code: 'pod.out_of_memory',
      message: `${named(pod, container)} was killed, as it used more than ${limit} (OOMKilled, exit code ${end.exitCode ?? 'unknown'})${restartsText(container)}${runsAgain ? '; it runs again' : ''}`,
      hint: 'Raise the memory limit of the container, or make the program use less.',
      retryable: false,
      final: !runsAgain && !isTriedAgain(pod, scene),
      since: end.at,
    }),
    end,
  };
}
