import type { Container, PodSpec } from '@ephemera/model';
import type { JobSecurityContext, KubernetesJobSpec } from './kubernetes-job.ts';

type PodSecurity = Pick<PodSpec, 'securityContext' | 'automountServiceAccountToken' | 'enableServiceLinks'>;

/**
 * The secure default of the pod, changed field by field by `spec.securityContext`:
 * - `seccompProfile: RuntimeDefault`: the runtime's list of system calls; without it a pod may use them all.
 * - No service account token unless the spec names an account: a job that does not speak to the API server has no use for the right to.
 * - No service links: variables for every Service of the namespace tell a job about its neighbours, and hundreds of them stop a pod
 *   from starting.
 *
 * Not `runAsNonRoot`: most public images, busybox among them, run as root, and would not start.
 */
export function podSecurity({ securityContext = {}, serviceAccountName }: KubernetesJobSpec): PodSecurity {
  const { seccompProfile = { type: 'RuntimeDefault' }, runAsUser, runAsGroup, runAsNonRoot, fsGroup } = securityContext;
  return {
    ...(serviceAccountName === undefined && { automountServiceAccountToken: false }),
    enableServiceLinks: false,
    securityContext: {
      ...(runAsUser !== undefined && { runAsUser }),
      ...(runAsGroup !== undefined && { runAsGroup }),
      ...(runAsNonRoot !== undefined && { runAsNonRoot }),
      ...(fsGroup !== undefined && { fsGroup }),
      seccompProfile: { ...seccompProfile },
    },
  };
}

/**
 * The secure default of each container, init containers included, changed field by field by `spec.securityContext`:
 * - `allowPrivilegeEscalation: false`: a set-user-id program in the image gives nothing more than the process already has.
 * - All capabilities dropped: root in the container keeps its files and loses the power over the files of others, over the network and
 *   over devices. A job that changes owners or binds low ports adds back what it needs by `capabilities.add`; dropping stays.
 *
 * A root file system stays writable: programs expect /tmp.
 */
export function containerSecurity({ securityContext = {} }: KubernetesJobSpec): Pick<Container, 'securityContext'> {
  const { allowPrivilegeEscalation = false, readOnlyRootFilesystem, capabilities } = securityContext;
  return {
    securityContext: {
      allowPrivilegeEscalation,
      ...(readOnlyRootFilesystem !== undefined && { readOnlyRootFilesystem }),
      capabilities: merged(capabilities),
    },
  };
}

function merged({ add = [], drop = ['ALL'] }: NonNullable<JobSecurityContext['capabilities']> = {}) {
  return { ...(add.length > 0 && { add: [...add] }), ...(drop.length > 0 && { drop: [...drop] }) };
}
