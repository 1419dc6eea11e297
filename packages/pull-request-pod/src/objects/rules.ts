import type { RoleProfile } from '../pull-request-pod.ts';

/** One rule of a Role. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * Every call that buildx's kubernetes driver makes, and no other. `get` of `pods/exec` is what clients ask for that open the connection
 * as a WebSocket; the builder's state is read by asking again and again, so nothing is watched.
 */
const driver: readonly PolicyRule[] = [
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['get', 'create', 'delete'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'update', 'delete'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  { apiGroups: [''], resources: ['pods/exec'], verbs: ['create', 'get'] },
];

/** As the documentation lists them. They are not enough for buildx, whose first call reads a Deployment. */
const documented: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['create', 'get', 'list', 'watch', 'delete'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get', 'list'] },
];

/** The driver's rules that the documented ones do not include: they list pods already. */
const missing = driver.filter(({ resources }) => !resources.includes('pods'));

/** A new list at each call, so that no writer of YAML turns a shared one into an alias. */
export function rulesOf(profile: RoleProfile): readonly PolicyRule[] {
  return structuredClone(profile === 'seed' ? [...documented, ...missing] : driver);
}
