import type { PolicyRule } from '../rights/objects.ts';
import type { ManagerRule } from '../rights/rules.ts';

export interface RoleDifference {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/** What the rules of a Role give less and more than they should. However they are grouped does not matter. Pure. */
export function compareRules(found: readonly PolicyRule[], wanted: readonly ManagerRule[]): RoleDifference {
  const has = new Set(found.flatMap(rightsOf));
  const should = new Set(
    wanted.flatMap(({ group, resource, verbs }) => verbs.map((verb) => text(verb, group, resource))),
  );
  return {
    missing: [...should].filter((right) => !has.has(right)),
    extra: [...has].filter((right) => !should.has(right)),
  };
}

/** A rule for single objects is no right to all of them, and a right to more than nothing: it counts as another one. */
function rightsOf({
  apiGroups = [],
  resources = [],
  verbs,
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): string[] {
  const only = resourceNames.length === 0 ? '' : ` (only ${resourceNames.join(', ')})`;
  return verbs.flatMap((verb) => [
    ...apiGroups.flatMap((group) => resources.map((resource) => `${text(verb, group, resource)}${only}`)),
    ...nonResourceURLs.map((url) => `${verb} ${url}`),
  ]);
}

function text(verb: string, group: string, resource: string): string {
  return group === '' ? `${verb} ${resource}` : `${verb} ${resource} of ${group}`;
}
