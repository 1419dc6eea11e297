import { expect, test } from 'vitest';
import { kubernetesJob } from '../../../test/kubernetes-job.ts';
import type { JobSecurityContext } from './kubernetes-job.ts';
import { containerSecurity, podSecurity } from './security.ts';

const specOf = (securityContext: JobSecurityContext) => kubernetesJob({ spec: { securityContext } }).spec;

test('a job that says nothing about security runs as its image says, without token, privileges or service links', () => {
  const { spec } = kubernetesJob();

  expect(podSecurity(spec)).toStrictEqual({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
  });
  expect(containerSecurity(spec)).toStrictEqual({
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  });
});

test('a job that names a service account is given its token', () => {
  const { spec } = kubernetesJob({ spec: { serviceAccountName: 'reporter' } });

  expect(podSecurity(spec)).not.toHaveProperty('automountServiceAccountToken');
});

test.each<[JobSecurityContext, object]>([
  [{ runAsUser: 0 }, { runAsUser: 0 }],
  [{ runAsGroup: 1000 }, { runAsGroup: 1000 }],
  [{ fsGroup: 2000 }, { fsGroup: 2000 }],
  [{ runAsNonRoot: true }, { runAsNonRoot: true }],
])('%j is set for the whole pod and changes nothing else', (securityContext, changed) => {
  expect(podSecurity(specOf(securityContext)).securityContext).toStrictEqual({
    ...changed,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(containerSecurity(specOf(securityContext))).toStrictEqual(containerSecurity(specOf({})));
});

test('another seccomp profile takes the place of the default as a whole', () => {
  const seccompProfile = { type: 'Localhost', localhostProfile: 'batch.json' } as const;

  expect(podSecurity(specOf({ seccompProfile })).securityContext).toStrictEqual({ seccompProfile });
});

test.each<[JobSecurityContext, object]>([
  [{ allowPrivilegeEscalation: true }, { allowPrivilegeEscalation: true, capabilities: { drop: ['ALL'] } }],
  [
    { readOnlyRootFilesystem: true },
    { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  ],
  [
    { capabilities: { add: ['CHOWN'] } },
    { allowPrivilegeEscalation: false, capabilities: { add: ['CHOWN'], drop: ['ALL'] } },
  ],
  [{ capabilities: { drop: ['NET_RAW'] } }, { allowPrivilegeEscalation: false, capabilities: { drop: ['NET_RAW'] } }],
  [{ capabilities: { drop: [] } }, { allowPrivilegeEscalation: false, capabilities: {} }],
])('%j is set for each container and changes nothing else', (securityContext, expected) => {
  expect(containerSecurity(specOf(securityContext)).securityContext).toStrictEqual(expected);
  expect(podSecurity(specOf(securityContext))).toStrictEqual(podSecurity(specOf({})));
});
