import type { EnvironmentStatus } from '@ephemera/model';
import { waiting } from '../environment/converge.ts';
import type { TimelineEvent } from '../store/schema.ts';

/** Most environments are ready before anybody has read that they are being prepared. */
export const passingMs = 2_000;

const passing: ReadonlySet<string> = new Set<EnvironmentStatus>(['pending', 'provisioning', 'updating']);

interface Passage {
  /** The state changes of the newest generation, oldest first. */
  readonly events: readonly TimelineEvent[];
  /** The code of what explains its state, if anything does. */
  readonly reason: string | null;
  /** What GitHub was told as a status before this report, as `statusKey` writes it. */
  readonly told: string | null;
}

/**
 * Since when an environment is only on its way somewhere, if that is all there is to tell: then the commit status alone says so, and
 * comment and check run wait for what comes of it. Undefined when people have to know now: something failed or holds it up, or what
 * they read at present is that it failed or is removed. Pure.
 */
export function passingSince({ events, reason, told }: Passage): Date | undefined {
  if (reason !== null && reason !== waiting) return undefined;
  if (told?.includes(' failure ') || told?.endsWith(' success Removed')) return undefined;
  const arrived = events.findLastIndex(({ name }) => !passing.has(name));
  // What has just failed is told, however soon it heals.
  if (events[arrived]?.name === 'failed') return undefined;
  return events[arrived + 1]?.at;
}
