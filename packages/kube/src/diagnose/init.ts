import { exitText, failedEnd, restartsText } from './crashed.ts';
import { named, ofContainer, type Finding } from './finding.ts';
import type { ContainerView, PodView } from './pod-view.ts';
import { isTriedAgain } from './retry.ts';
import type { Scene } from './scene.ts';

/** An init container that ended with an error: the containers of the pod never begin. */
export function init(pod: PodView, container: ContainerView, scene: Scene): Finding | undefined {
  const end = failedEnd(pod, container, scene);
  if (end === undefined || end.exitCode === 0 || container.kind !== 'init container' || container.sidecar) {
    return undefined;
  }
  return {
    ...ofContainer(pod, container, {
      code: 'pod.init_failed',
      message: `${named(pod, container)} ended with ${exitText(end)}${restartsText(container)}, so the pod does not start`,
      hint: `Read the log of init container ${container.name}.`,
      retryable: false,
      final: !isTriedAgain(pod, scene),
      since: end.at,
    }),
    end,
  };
}
