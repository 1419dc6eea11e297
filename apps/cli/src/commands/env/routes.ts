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

const one = {
  kind: 'tuple',
  parameters: [{ parse: String, placeholder: 'ID', brief: 'Number of the environment, or its namespace' }],
} as const;

const show = buildCommand({
  loader: async () => (await import('./show.ts')).show,
  parameters: {
    positional: one,
    flags: { json: jsonFlag },
  },
  docs: { brief: 'Show one environment and its timeline' },
});

const events = buildCommand({
  loader: async () => (await import('./events.ts')).events,
  parameters: { positional: one, flags: { json: jsonFlag } },
  docs: { brief: 'Show the timeline of one environment: states, steps and notes, oldest first' },
});

const destroy = buildCommand({
  loader: async () => (await import('./destroy.ts')).destroy,
  parameters: { positional: one, flags: { json: jsonFlag } },
  docs: {
    brief: 'Remove one environment by hand; its pull request stays open',
    fullDescription: [
      'Asks for the removal and ends; `env show ID` says how far it is.',
      'Nothing brings the environment back but a push, a reopen or `env retry ID`.',
    ].join('\n'),
  },
});

const retry = buildCommand({
  loader: async () => (await import('./retry.ts')).retry,
  parameters: { positional: one, flags: { json: jsonFlag } },
  docs: { brief: 'Try again what failed, or bring back what was destroyed by hand' },
});

export const envRoutes = buildRouteMap({
  routes: { list, show, events, destroy, retry },
  docs: {
    brief: 'Environments of a running server',
    fullDescription: [
      'Environments of a running server. It is asked at EPHEMERA_URL (default http://127.0.0.1:3001) with the token EPHEMERA_TOKEN:',
      'the scope environments:read for looking, environments:write for destroy and retry.',
    ].join('\n'),
  },
});
