import type { PodSpec } from '@ephemera/model';
import { initContainers, jobContainer } from './containers.ts';
import type { KubernetesJob } from './kubernetes-job.ts';
import { podSecurity } from './security.ts';
import { buildVolumeMountsAndVolumes } from './volumes.ts';

/** The pod of the job. `pullSecrets`: names of the Secrets with which its images are pulled. */
export function podOf(job: KubernetesJob, pullSecrets: readonly string[]): PodSpec {
  const { restartPolicy, serviceAccountName, nodeSelector, tolerations, runtimeClassName, hostUsers } = job.spec;
  const init = initContainers(job);
  const { volumes } = buildVolumeMountsAndVolumes(job.spec.volumeMounts);
  return {
    restartPolicy,
    ...(serviceAccountName !== undefined && { serviceAccountName }),
    ...podSecurity(job.spec),
    ...(runtimeClassName !== undefined && { runtimeClassName }),
    ...(hostUsers !== undefined && { hostUsers }),
    ...(nodeSelector !== undefined && { nodeSelector }),
    ...(tolerations !== undefined && { tolerations }),
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
    ...(init.length > 0 && { initContainers: init }),
    containers: [jobContainer(job)],
    ...(volumes.length > 0 && { volumes }),
  };
}
