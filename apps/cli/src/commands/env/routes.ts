import { buildCommand, buildRouteMap } from '@stricli/core';
import { jsonFlag, parseRepository } from '../../flags.ts';

const list = buildCommand({
  loader: async () => (await import('./list.ts')).list,
  parameters: {
    flags: {
      repository: {
        kind: 'parsed',
        parse: parseRepository,
        optional: true,
        placeholder: 'OWNER/NAME',
        brief: 'Only those of one repository',
      },
      all: { kind: 'boolean', default: false, withNegated: false, brief: 'Also those that are destroyed' },
      json: jsonFlag,
    },
  },
  docs: { brief: 'List environments, newest first' },
});

const show = buildCommand({
  loader: async () => (await import('./show.ts')).show,
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, placeholder: 'ID', brief: 'Number of the environment, or its namespace' }],
    },
    flags: { json: jsonFlag },
  },
  docs: { brief: 'Show one environment and its timeline' },
});

export const envRoutes = buildRouteMap({
  routes: { list, show },
  docs: {
    brief: 'Environments of a running server',
    fullDescription: 'Environments of a running server. It is asked at EPHEMERA_URL (default http://127.0.0.1:3001).',
  },
});
