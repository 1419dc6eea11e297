import type { Cluster, KnownKind } from '@ephemera/kube';
import { EphemeraError, type KubeObject } from '@ephemera/model';
import { prNameSelector } from '../../objects/labels.ts';
import { accountRefs } from '../account-refs.ts';
import { accountTokens } from '../secrets.ts';
import type { PrJobTarget } from '../target.ts';
import { disown } from './disown.ts';
import {
  accountPart,
  builderPart,
  claimPart,
  configMapPart,
  jobPart,
  podPart,
  secretPart,
  tokenPart,
  type Part,
  type ReadPart,
} from './part.ts';

export interface Seen {
  /** Everything that is there, in the order in which it is removed. */
  readonly parts: readonly Part[];
  /** What could not be looked at, which may hold more. */
  readonly unknown: readonly UnknownPlace[];
}

export interface UnknownPlace {
  /** `kind/namespace/name`, with `*` for every name. */
  readonly what: string;
  readonly error: EphemeraError;
}

interface Place {
  readonly what: string;
  readonly find: (cluster: Cluster) => Promise<readonly KubeObject[]>;
  readonly read: ReadPart;
}

/**
 * Looks for everything of a name, by labels, and by names where buildx puts none; also when the Job that it was made for is long gone. What
 * cannot be listed is told and never passes for empty; a cluster that does not answer throws.
 *
 * Jobs are looked at last: a builder is always younger than its Job, so that of none that is seen the Job is missed.
 */
export async function look(cluster: Cluster, target: PrJobTarget, signal?: AbortSignal): Promise<Seen> {
  const places = placesOf(target, signal);
  const others = await Promise.all(places.map((place) => lookAt(cluster, target, place)));
  const jobs = await lookAt(cluster, target, jobsOf(target, signal));
  const seen = [jobs, ...others];
  const parts = new Map<string | undefined, Part>();
  for (const part of seen.flatMap((one) => one.parts)) parts.set(part.object.metadata.uid, part);
  return { parts: disown([...parts.values()]), unknown: seen.flatMap(({ unknown }) => unknown) };
}

async function lookAt(cluster: Cluster, target: PrJobTarget, { what, find, read }: Place): Promise<Seen> {
  try {
    const objects = await find(cluster);
    return { parts: objects.flatMap((object) => read(target, object) ?? []), unknown: [] };
  } catch (error) {
    if (!(error instanceof EphemeraError) || isOfWholeCluster(error)) throw error;
    return { parts: [], unknown: [{ what, error }] };
  }
}

/** Nothing else will do any better. */
export function isOfWholeCluster({ code }: EphemeraError): boolean {
  return ['kube.unreachable', 'kube.unauthenticated', 'kube.credentials_unavailable'].includes(code);
}

function jobsOf({ name, namespace }: PrJobTarget, signal?: AbortSignal): Place {
  const options = { namespace, labelSelector: prNameSelector(name), signal };
  return {
    what: `Job/${namespace}/*`,
    find: async (cluster) => (await cluster.list('batch/v1/Job', options)).items,
    read: jobPart,
  };
}

function placesOf(target: PrJobTarget, signal?: AbortSignal): readonly Place[] {
  const { name, namespace } = target;
  const inNamespace = (kind: KnownKind, read: ReadPart, labelSelector?: string): Place => ({
    what: `${kind.slice(kind.lastIndexOf('/') + 1)}/${namespace}/*`,
    find: async (cluster) => {
      const options = { namespace, metadataOnly: true, signal, ...(labelSelector !== undefined && { labelSelector }) };
      return (await cluster.list(kind, options)).items;
    },
    read,
  });
  return [
    inNamespace('apps/v1/Deployment', builderPart('apps/v1/Deployment')),
    inNamespace('apps/v1/StatefulSet', builderPart('apps/v1/StatefulSet')),
    // Pods of Jobs and of builders have the label `app`, both of them.
    inNamespace('v1/Pod', podPart, 'app'),
    inNamespace('v1/ConfigMap', configMapPart),
    inNamespace('v1/PersistentVolumeClaim', claimPart),
    inNamespace('v1/Secret', secretPart, prNameSelector(name)),
    ...accountRefs(target)
      .toReversed()
      .map((ref): Place => ({
        what: `${ref.kind}/${namespace}/${ref.name}`,
        find: async (cluster) => {
          const object = await cluster.get(ref, signal);
          return object ? [object] : [];
        },
        read: accountPart(`${ref.apiVersion}/${ref.kind}` as KnownKind),
      })),
    {
      what: `Secret/${namespace}/*`,
      find: (cluster) => accountTokens(cluster, target, signal),
      read: tokenPart,
    },
  ];
}
