import type { Job, KubeObject, Manifest, ObjectMeta } from '@ephemera/model';
import type { CheckedOptions } from '../options/checked-options.ts';
import { metadataWithin } from '../options/network.ts';
import { appLabel, idLabel, sandboxApp } from './marks.ts';
import { runnerConfigName, runnerKey } from './names.ts';

/** What a sandbox has beside its Job. All of it belongs to the Job from its first moment on, so nothing is left that has no Job. */
export function runnerConfig(job: Job, runner: Uint8Array): Manifest {
  const { name } = job.metadata;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: runnerConfigName(name), ...ofJob(job) },
    // The kubelet need not follow it then.
    immutable: true,
    binaryData: { [runnerKey]: Buffer.from(runner).toString('base64') },
  };
}

/** By itself nothing gets in or out. Whether the cluster enforces policies is up to its network plugin. */
export function networkPolicy(job: Job, { dns, allow }: CheckedOptions['network']): Manifest {
  const { name } = job.metadata;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, ...ofJob(job) },
    spec: {
      podSelector: { matchLabels: { [appLabel]: sandboxApp, [idLabel]: name } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [
        ...(dns ? [clusterDns] : []),
        ...allow.map(({ cidr, except, ports }) => {
          const excluded = [...new Set([...except, ...metadataWithin(cidr)])];
          return {
            to: [{ ipBlock: { cidr, ...(excluded.length > 0 && { except: excluded }) } }],
            ...(ports.length > 0 && { ports: ports.map((port) => ({ protocol: 'TCP', port })) }),
          };
        }),
      ],
    },
  };
}

const clusterDns = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

function ofJob({ apiVersion, kind, metadata }: Job) {
  const { name, namespace, uid = '' } = metadata;
  return {
    ...(namespace !== undefined && { namespace }),
    // Not `blockOwnerDeletion`: some clusters give that right to few, and whoever removes a sandbox asks for each object anyway.
    ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
  };
}

/** What was read of such an object. */
export interface Belonging extends KubeObject {
  readonly metadata: ObjectMeta & { readonly ownerReferences?: readonly { readonly uid?: string }[] };
}

export function isBelongingOf({ metadata }: Belonging, jobUid: string | undefined): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid !== undefined && uid === jobUid) ?? false;
}
