import type { Cluster } from '@ephemera/kube';
import type { SandboxHost } from '@ephemera/sandbox';
import type { ApiServer } from '../api-server.ts';
import type { Kubectl } from './kubectl.ts';

/** Where everything of one run is measured. */
export interface Place {
  readonly api: ApiServer;
  readonly cluster: Cluster;
  readonly host: SandboxHost;
  /** Each part finds no pod in it, and leaves none. */
  readonly namespace: string;
  readonly kubectl: Kubectl;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}
