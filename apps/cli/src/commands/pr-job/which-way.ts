import type { Context } from '../../context.ts';
import { BadInput } from '../../errors.ts';

/** The flags that decide where a pull-request job is. */
export interface WhereFlags {
  /** A context of the kubeconfig: always on the cluster. */
  readonly context?: string;
  /** A name that server or environment knows. */
  readonly cluster?: string;
}

export type Way =
  | { readonly kind: 'server'; readonly clusterName: string | undefined }
  | { readonly kind: 'cluster'; readonly context: string | undefined; readonly clusterName: string | undefined };

/** By a server where one is named, else on the cluster. A context is one of this machine: no server knows it. Pure. */
export function wayOf({ context, cluster }: WhereFlags, environment: Context['environment']): Way {
  if (context !== undefined && cluster !== undefined)
    throw new BadInput({ problem: '--context and --cluster both name a cluster: give one of them.' });
  const isServerNamed = Boolean(environment['EPHEMERA_URL'] || environment['EPHEMERA_TOKEN']);
  if (context === undefined && isServerNamed) return { kind: 'server', clusterName: cluster };
  return { kind: 'cluster', context, clusterName: cluster };
}
