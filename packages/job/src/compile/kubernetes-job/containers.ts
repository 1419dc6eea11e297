import type { Container } from '@ephemera/model';
import { envFromOf, envOf } from './env.ts';
import { imageText } from './image.ts';
import type { InitContainer, JobImage, KubernetesJob } from './kubernetes-job.ts';
import { namesOf } from './names.ts';
import { resourcesOf } from './resources.ts';
import { containerSecurity } from './security.ts';
import { buildVolumeMountsAndVolumes } from './volumes.ts';

/** The one container that does the job's work. */
export function jobContainer(job: KubernetesJob): Container {
  const { image, command, args } = job.spec;
  return container(job, { name: namesOf(job).container, image, command, args });
}

/**
 * They see what the job sees, under the same security. They have its resources too: a quota refuses a pod with a container that has
 * none, and since they end before the job starts, the pod as a whole asks for no more.
 */
export function initContainers(job: KubernetesJob): readonly Container[] {
  return (job.spec.initContainers ?? []).map((init: InitContainer) => container(job, init));
}

interface Program {
  readonly name: string;
  readonly image: JobImage;
  readonly command: readonly string[];
  readonly args: readonly string[];
}

function container(job: KubernetesJob, { name, image, command, args }: Program): Container {
  const envFrom = envFromOf(job);
  const { volumeMounts } = buildVolumeMountsAndVolumes(job.spec.volumeMounts);
  return {
    name,
    image: imageText(image),
    ...(command.length > 0 && { command: [...command] }),
    ...(args.length > 0 && { args: [...args] }),
    env: envOf(job),
    ...(envFrom.length > 0 && { envFrom }),
    resources: resourcesOf(job.spec.resources),
    ...(volumeMounts.length > 0 && { volumeMounts }),
    ...containerSecurity(job.spec),
  };
}
