import type { Api } from './api.ts';

/** A server and one of its clusters. */
export interface Place {
  readonly api: Api;
  /** Default: the server's own. */
  readonly clusterName: string | undefined;
}
