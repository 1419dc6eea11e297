import type { Cluster, KnownKind } from '@ephemera/kube';
import { EphemeraError, type KubeObject } from '@ephemera/model';
import { prNameSelector } from '../../objects/labels.ts';
import { accountRefs } from '../account-refs.ts';
import { accountTokens, bare } from '../secrets.ts';
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
  /** The same by the places that it was found at. */
  readonly visited: readonly Visit[];
}

export interface Visit {
  readonly key: string;
  readonly parts: readonly Part[];
  readonly unknown: readonly UnknownPlace[];
}

export interface UnknownPlace {
  /** `kind/namespace/name`, with `*` for every name. */
  readonly what: string;
  readonly error: EphemeraError;
}

interface Place {
  /** In words, which two places may have in common. */
  readonly what: string;
  readonly key: string;
  readonly kind: KnownKind;
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
  return seenIn(await visit(cluster, target, { places: placesOf(target, signal), signal }));
}

/**
 * Looks again for these kinds and for Jobs, which others depend on; what else was seen is taken to be as it was. For waiting: what is only
 * there by an earlier look is not proven to be, nor is anything proven to be gone but of these kinds.
 */
export async function lookAgain(
  cluster: Cluster,
  target: PrJobTarget,
  { before, kinds, signal }: LookAgain,
): Promise<Seen> {
  const places = placesOf(target, signal).filter(({ kind }) => kinds.has(kind));
  const visited = await visit(cluster, target, { places, signal });
  const isNew = new Set(visited.map(({ key }) => key));
  return seenIn([...visited, ...before.visited.filter(({ key }) => !isNew.has(key))]);
}

interface LookAgain {
  readonly before: Seen;
  readonly kinds: ReadonlySet<KnownKind>;
  readonly signal: AbortSignal | undefined;
}

async function visit(
  cluster: Cluster,
  target: PrJobTarget,
  { places, signal }: { readonly places: readonly Place[]; readonly signal: AbortSignal | undefined },
): Promise<readonly Visit[]> {
  const others = await Promise.all(places.map((place) => lookAt(cluster, target, place)));
  return [await lookAt(cluster, target, jobsOf(target, signal)), ...others];
}

function seenIn(visited: readonly Visit[]): Seen {
  const parts = new Map<string | undefined, Part>();
  for (const part of visited.flatMap((one) => one.parts)) parts.set(part.object.metadata.uid, part);
  return { parts: disown([...parts.values()]), unknown: visited.flatMap(({ unknown }) => unknown), visited };
}

async function lookAt(cluster: Cluster, target: PrJobTarget, { what, key, find, read }: Place): Promise<Visit> {
  try {
    const objects = await find(cluster);
    return { key, parts: objects.flatMap((object) => read(target, object) ?? []), unknown: [] };
  } catch (error) {
    if (!(error instanceof EphemeraError) || isOfWholeCluster(error)) throw error;
    return { key, parts: [], unknown: [{ what, error }] };
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
    key: 'jobs',
    kind: 'batch/v1/Job',
    find: async (cluster) => (await cluster.list('batch/v1/Job', options)).items,
    read: jobPart,
  };
}

function placesOf(target: PrJobTarget, signal?: AbortSignal): readonly Place[] {
  const { name, namespace } = target;
  const inNamespace = (kind: KnownKind, read: ReadPart, labelSelector?: string): Place => ({
    what: `${kind.slice(kind.lastIndexOf('/') + 1)}/${namespace}/*`,
    key: kind,
    kind,
    find: async (cluster) => {
      const options = { namespace, metadataOnly: true, signal, ...(labelSelector !== undefined && { labelSelector }) };
      const { items } = await cluster.list(kind, options);
      return kind === 'v1/Secret' ? items.map(bare) : items;
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
        key: ref.kind,
        kind: `${ref.apiVersion}/${ref.kind}` as KnownKind,
        find: async (cluster) => {
          const object = await cluster.get(ref, signal);
          return object ? [object] : [];
        },
        read: accountPart(`${ref.apiVersion}/${ref.kind}` as KnownKind),
      })),
    {
      what: `Secret/${namespace}/*`,
      key: 'tokens',
      kind: 'v1/Secret',
      find: (cluster) => accountTokens(cluster, target, signal),
      read: tokenPart,
    },
  ];
}
