import { buildCommand, buildRouteMap } from '@stricli/core';
import { jsonFlag } from '../../flags.ts';

const name = {
  kind: 'parsed',
  parse: String,
  default: 'default',
  placeholder: 'NAME',
  brief: 'Which local cluster; several can run side by side',
} as const;

const up = buildCommand({
  loader: async () => (await import('./up.ts')).up,
  parameters: { flags: { name } },
  docs: { brief: 'Start it; builds what is missing on the first use (minutes), then takes seconds' },
});

const down = buildCommand({
  loader: async () => (await import('./down.ts')).down,
  parameters: { flags: { name } },
  docs: { brief: 'Remove it; the cache of built tools stays' },
});

const status = buildCommand({
  loader: async () => (await import('./status.ts')).status,
  parameters: { flags: { name, json: jsonFlag } },
  docs: { brief: 'Say whether it runs; exit code 0 when it is up, 1 when not' },
});

const kubeconfig = buildCommand({
  loader: async () => (await import('./kubeconfig.ts')).kubeconfig,
  parameters: { flags: { name } },
  docs: { brief: 'Print the path of its kubeconfig' },
});

const kubectl = buildCommand({
  loader: async () => (await import('./kubectl.ts')).kubectl,
  parameters: {
    flags: { name },
    positional: { kind: 'array', parameter: { parse: String, placeholder: 'argument', brief: 'Passed to kubectl' } },
  },
  docs: { brief: 'Run its own kubectl: npx ephemera cluster kubectl -- get pods -A' },
});

export const clusterRoutes = buildRouteMap({
  routes: { up, down, status, kubeconfig, kubectl },
  docs: { brief: 'A real one-node Kubernetes on this machine (Linux, root)' },
});
