import type { Cluster, Graces } from '@ephemera/kube';
import type { ObjectRef } from '@ephemera/model';
import { idLabel, ownerOf } from '../objects/marks.ts';
import { runnerConfigName } from '../objects/names.ts';

/** Where the sandboxes of one host are, and whose they are. */
export interface Setting {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Of the server that makes them; undefined: nobody's. */
  readonly instance: string | undefined;
  /** The account of that server; undefined: all of them. */
  readonly owner: string | undefined;
  readonly ttlSeconds: number;
  readonly graces: Partial<Graces>;
  /** The time at the cluster. */
  now(): Promise<Date>;
}

/** The cluster as the owner of one sandbox. */
export function asOwner({ cluster, instance }: Setting, id: string): Cluster {
  return cluster.as(ownerOf(id, instance));
}

export function jobRef({ namespace }: Setting, id: string): ObjectRef {
  return { apiVersion: 'batch/v1', kind: 'Job', name: id, namespace };
}

/** What a sandbox has beside its Job. */
export function belongingRefs({ namespace }: Setting, id: string): readonly ObjectRef[] {
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', name: runnerConfigName(id), namespace },
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', name: id, namespace },
  ];
}

/** Its pods: the Job makes one. */
export function podsOf({ namespace }: Setting, id: string) {
  return { namespace, labelSelector: `${idLabel}=${id}` };
}
