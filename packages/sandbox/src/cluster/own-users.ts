import type { Job } from '@ephemera/model';
import { IsolationMissing } from '../errors.ts';
import type { Greeted } from './greet.ts';

/** `uid_map_length` where there is no user namespace: it maps all there are. */
const allUsers = 4_294_967_295;

/** Whether this sandbox was to be in a user namespace of its own. */
export function wantsOwnUsers({ spec }: Job): boolean {
  return spec.template.spec.hostUsers === false;
}

/**
 * What the runner sees is what counts: a cluster that does not know the field leaves it out without a word. Throws
 * `sandbox.isolation_missing`, also where the runner cannot tell. Pure.
 */
export function assertOwnUsers(figures: Greeted['figures']): void {
  const mapped = figures.find(({ name }) => name === 'uid_map_length')?.value;
  if (mapped === undefined || mapped >= allUsers)
    throw new IsolationMissing({ wanted: 'a user namespace (hostUsers: false)' });
}
