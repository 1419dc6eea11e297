import type { Connection } from './connection.ts';
import { Unreachable } from './errors.ts';
import { call } from './request.ts';

/** A kind of object that lives in namespaces, as the cluster itself names it. */
export interface NamespacedKind {
  /** For example `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Its segment in paths, for example `deployments`. */
  readonly plural: string;
}

/** What could not be looked at, and why, as the end of a sentence. */
export interface Unknown {
  readonly what: string;
  readonly because: string;
}

export interface Discovered {
  readonly kinds: readonly NamespacedKind[];
  /** API groups that are registered and do not answer: what they hold is not known. */
  readonly unknown: readonly Unknown[];
}

/** The parts of the API server's aggregated discovery that are read. */
export interface ApiGroup {
  /** No name: the core group. */
  readonly metadata?: { readonly name?: string };
  /** The preferred one first. */
  readonly versions?: readonly {
    readonly version: string;
    readonly freshness?: string;
    readonly resources?: readonly {
      readonly resource: string;
      readonly responseKind?: { readonly kind?: string } | null;
      readonly scope: string;
      readonly verbs?: readonly string[];
      readonly subresources?: readonly { readonly subresource: string; readonly verbs?: readonly string[] }[];
    }[];
  }[];
}

/** One call for each of the two roots, instead of one for each group and version. */
const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Asks the cluster for all kinds whose objects live in namespaces, also those that were installed. */
export async function discover(connection: Connection, signal?: AbortSignal): Promise<Discovered> {
  return namespacedKinds(await allGroups(connection, signal));
}

/** All groups with all their versions. */
export async function allGroups(connection: Connection, signal?: AbortSignal): Promise<readonly ApiGroup[]> {
  const groups = await Promise.all(['/api', '/apis'].map((path) => groupsAt(connection, path, signal)));
  return groups.flat();
}

async function groupsAt(connection: Connection, path: string, signal?: AbortSignal): Promise<readonly ApiGroup[]> {
  const what = 'Asking for the kinds of objects that the cluster knows';
  const answer = await call<{ kind?: unknown; items?: unknown }>(connection, {
    method: 'GET',
    path,
    accept: aggregated,
    what,
    signal,
  });
  // A server that does not know this form answers in another one, which an empty list must not be read out of.
  if (answer.kind !== 'APIGroupDiscoveryList' || !Array.isArray(answer.items))
    throw new Unreachable({ server: connection.server, problem: `its answer to ${path} is no list of API groups` });
  return answer.items as readonly ApiGroup[];
}

/**
 * Each kind once, in the version that the cluster prefers among those that have it. Kinds that nobody can delete are left out: such as the
 * measured use of pods, they are views of something else and hold nothing. Pure.
 */
export function namespacedKinds(groups: readonly ApiGroup[]): Discovered {
  const kinds = new Map<string, NamespacedKind>();
  const unknown: Unknown[] = [];
  for (const { metadata, versions = [] } of groups) {
    const group = metadata?.name ?? '';
    for (const { version, freshness, resources = [] } of versions) {
      const apiVersion = group === '' ? version : `${group}/${version}`;
      if (freshness === 'Stale') unknown.push({ what: `the API ${apiVersion}`, because: 'it does not answer' });
      for (const { resource, responseKind, scope, verbs = [] } of resources) {
        const key = `${group}/${resource}`;
        if (scope !== 'Namespaced' || !verbs.includes('list') || !verbs.includes('delete') || kinds.has(key)) continue;
        kinds.set(key, { apiVersion, kind: responseKind?.kind ?? resource, plural: resource });
      }
    }
  }
  return { kinds: [...kinds.values()], unknown };
}
