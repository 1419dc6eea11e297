import { clusterHost, serverHost, type SandboxHost } from '@ephemera/sandbox';
import type { Context } from '../../context.ts';
import { BadInput } from '../../errors.ts';
import { defaultServerUrl, printable, serverUrl } from '../../server-api.ts';
import { plain } from '../../table.ts';
import { accessFor } from '../job/access.ts';
import { connectAnswering } from '../job/connect.ts';
import { quoted } from '../job/next-command.ts';
import { wayOf } from '../pr-job/which-way.ts';

/** The flags that decide where sandboxes are. */
export interface WhereFlags {
  /** A context of the kubeconfig: always on the cluster. */
  readonly context?: string;
  readonly namespace?: string;
}

/** A cluster or a server that was chosen, and has not been asked for anything. */
export interface Where {
  /** Which one, for people. */
  readonly inWords: string;
  /** Throws `kube.unreachable` and what else keeps everybody out of a cluster; a server is not asked yet. */
  open(signal: AbortSignal): Promise<Opened>;
}

export interface Opened extends AsyncDisposable {
  readonly host: SandboxHost;
}

const scopes = 'sandboxes:read,sandboxes:write';

/** A server where one is named, else a cluster; `--context` always means a cluster. Throws `cli.bad_input` and `kube.kubeconfig_invalid`. */
export function whereOf(flags: WhereFlags, environment: Context['environment']): Where {
  const way = wayOf({ ...(flags.context !== undefined && { context: flags.context }) }, environment);
  return way.kind === 'server' ? onServer(flags, environment) : onCluster(flags, environment);
}

function onServer({ namespace }: WhereFlags, environment: Context['environment']): Where {
  if (namespace !== undefined)
    throw new BadInput({
      problem: '--namespace is for a cluster: a server has one namespace for all its sandboxes.',
      hint: 'Leave it out, or go to the cluster itself with --context NAME.',
    });
  const url = serverUrl(environment['EPHEMERA_URL'] || defaultServerUrl);
  const token = environment['EPHEMERA_TOKEN'] || undefined;
  if (token === undefined)
    throw new BadInput({
      problem: `EPHEMERA_TOKEN is not set, and ${url} gives sandboxes only to who has a token.`,
      hint: `Where the server runs: export EPHEMERA_TOKEN=$(npx ephemera token create --name me --scopes ${scopes})`,
    });
  const host = serverHost({ url, token: printable(token) });
  return {
    inWords: `server ${plain(url)} (with EPHEMERA_TOKEN)`,
    open: async () => ({ host, [Symbol.asyncDispose]: async () => {} }),
  };
}

function onCluster({ context, namespace }: WhereFlags, environment: Context['environment']): Where {
  const access = accessFor({ context }, environment);
  return {
    inWords: `cluster ${plain(access.name)} (${plain(access.source)})`,
    open: async (signal) => {
      const cluster = await connectAnswering(access, { signal });
      return {
        host: clusterHost({ cluster, ...(namespace !== undefined && { namespace }) }),
        [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
      };
    },
  };
}

/** A command about sandboxes that a user types next, ready to be copied. Pure. */
export function nextCommand(words: readonly string[], { context, namespace }: WhereFlags): string {
  const [verb = '', ...rest] = words;
  const where = [
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
    ...(context === undefined ? [] : ['--context', context]),
  ];
  return ['npx', 'ephemera', 'sandbox', verb, ...[...where, ...rest].map(quoted)].join(' ');
}
