import type { Connection } from './connection.ts';
import { allGroups, type ApiGroup, type Unknown } from './discovery.ts';

/** Something that a right can be about. */
export interface ApiResource {
  /** API group; empty for the core. */
  readonly group: string;
  /** Plural, with a subresource after a slash: `pods`, `pods/exec`. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** What the API server can do with it. Rights may name other verbs as well. Sorted. */
  readonly verbs: readonly string[];
}

export interface Resources {
  /** Sorted by group and name. */
  readonly resources: readonly ApiResource[];
  /** API groups that are registered and do not answer: what they hold is not known. */
  readonly unknown: readonly Unknown[];
}

/** Asks the cluster for everything that a right can be about, in two calls. */
export async function resources(connection: Connection, signal?: AbortSignal): Promise<Resources> {
  return allResources(await allGroups(connection, signal));
}

/** Rights are the same in all versions of a group, so each resource comes once, with the verbs of all of them. Pure. */
export function allResources(groups: readonly ApiGroup[]): Resources {
  const found = new Map<string, ApiResource>();
  const unknown: Unknown[] = [];
  const add = (resource: ApiResource): void => {
    const key = `${resource.group}/${resource.resource}`;
    const verbs = new Set([...(found.get(key)?.verbs ?? []), ...resource.verbs]);
    found.set(key, { ...resource, verbs: [...verbs].toSorted() });
  };
  for (const { metadata, versions = [] } of groups) {
    const group = metadata?.name ?? '';
    for (const { version, freshness, resources: listed = [] } of versions) {
      if (freshness === 'Stale') unknown.push({ what: `the API ${group}/${version}`, because: 'it does not answer' });
      for (const { resource, scope, verbs = [], subresources = [] } of listed) {
        const namespaced = scope === 'Namespaced';
        add({ group, resource, namespaced, verbs });
        for (const { subresource, verbs: own = [] } of subresources) {
          add({ group, resource: `${resource}/${subresource}`, namespaced, verbs: own });
        }
      }
    }
  }
  const name = ({ group, resource }: ApiResource): string => `${group} ${resource}`;
  return { resources: [...found.values()].toSorted((a, b) => (name(a) < name(b) ? -1 : 1)), unknown };
}
