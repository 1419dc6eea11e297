import type { Caller } from '../tokens/caller.ts';
import type { SandboxDeps } from './deps.ts';
import type { Opened } from './opened.ts';

/** What the routes of sandboxes share. */
export interface SandboxRouting {
  readonly deps: SandboxDeps;
  readonly opened: Opened;
  /** Throws `sandbox.too_many_requests`. */
  readonly take: (caller: Caller, what: 'create' | 'other') => void;
  /** Below which all of them are. */
  readonly url: string;
  /** Aborted when the server stops. */
  readonly stop: AbortSignal;
}
