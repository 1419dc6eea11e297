import { nextCommand } from './next-command.ts';
import type { NameRef } from './pull-request-jobs.ts';
import type { Way } from './which-way.ts';

/** How to remove what cannot be touched `by` the way that was taken. Pure. */
export function otherWay(ref: NameRef, by: Way['kind']): string {
  return by === 'server'
    ? `Made without a server, it is removed with: ${nextCommand('cleanup', ref, { context: 'NAME' })}. Made by another server, with EPHEMERA_URL set to that one.`
    : `Made by a server, it is removed with EPHEMERA_URL and EPHEMERA_TOKEN set to that one, and without --context: ${nextCommand('cleanup', ref, {})}.`;
}
