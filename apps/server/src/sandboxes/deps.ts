import type { SandboxHost } from '@ephemera/sandbox';
import type { ProcessMetrics } from '../metrics/process-metrics.ts';
import type { Database } from '../store/database.ts';
import type { SandboxPolicy } from './policy.ts';

/** Where the sandboxes of one account are. */
export type HostOf = (place: { readonly namespace: string; readonly account: string }) => SandboxHost;

export type SandboxAction = 'create' | 'run' | 'delete';
export type SandboxOutcome = 'done' | 'failed';

export interface SandboxDeps {
  readonly db: Database;
  readonly hostOf: HostOf;
  readonly policy: SandboxPolicy;
  readonly metrics: Pick<ProcessMetrics, 'sandbox' | 'sandboxStreams'>;
  /** How often an open stream asks whether its token is still good. Default 15 000. */
  readonly tokenLookMs?: number | undefined;
  /** Aborted when the server is asked to stop. */
  readonly stopping: AbortSignal;
}
