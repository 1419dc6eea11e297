import { buildCommand, buildRouteMap } from '@stricli/core';
import { envFileFlag } from '../../env-file.ts';
import { jsonFlag } from '../../flags.ts';

const text = { kind: 'parsed', parse: String } as const;

const create = buildCommand({
  loader: async () => (await import('./create.ts')).create,
  parameters: {
    flags: {
      name: { ...text, placeholder: 'NAME', brief: 'By which it is listed and revoked' },
      scopes: { ...text, placeholder: 'A,B', brief: 'What it may do, separated by commas' },
      expires: { ...text, optional: true, placeholder: 'TIME', brief: 'For example 12h or 90d (default: never)' },
      repository: {
        ...text,
        optional: true,
        variadic: true,
        placeholder: 'OWNER/NAME',
        brief: 'Only for what belongs to this repository; may be given several times',
      },
      namespace: {
        ...text,
        optional: true,
        variadic: true,
        placeholder: 'NAME',
        brief: 'Only for what is in this namespace; may be given several times',
      },
      image: {
        ...text,
        optional: true,
        variadic: true,
        placeholder: 'PATTERN',
        brief: 'Its pull-request jobs may run only such images, * is any text; may be given several times',
      },
      json: { ...jsonFlag, brief: 'Print JSON instead of the token alone' },
      envFile: envFileFlag,
    },
  },
  docs: {
    brief: 'Make a token and print it, once: it is stored nowhere',
    fullDescription: [
      'Makes a token for the HTTP API and prints it on standard output, and nothing else. The database keeps only a hash of it.',
      '',
      'SCOPES',
      '  environments:read   look at environments, and at /metrics',
      '  environments:write  destroy and retry environments',
      '  pr-jobs:create, pr-jobs:status, pr-jobs:logs, pr-jobs:cleanup   pull-request pod jobs',
      '  sandboxes:read      look at the sandboxes of the token, read their files and what commands write',
      '  sandboxes:write     make and end sandboxes, run commands, write files',
      '  admin               everything, sweeps too',
    ].join('\n'),
  },
});

const list = buildCommand({
  loader: async () => (await import('./list.ts')).list,
  parameters: { flags: { json: jsonFlag, envFile: envFileFlag } },
  docs: { brief: 'List tokens, newest first, with what became of each' },
});

const revoke = buildCommand({
  loader: async () => (await import('./revoke.ts')).revoke,
  parameters: {
    positional: { kind: 'tuple', parameters: [{ parse: String, placeholder: 'NAME', brief: 'Name of the token' }] },
    flags: { envFile: envFileFlag },
  },
  docs: { brief: 'Revoke a token: the next request with it is refused' },
});

export const tokenRoutes = buildRouteMap({
  routes: { create, list, revoke },
  docs: {
    brief: 'Tokens of the HTTP API',
    fullDescription: [
      'Tokens of the HTTP API. These commands use the database of the server directly, by the same settings as `up`: DATABASE_URL, or',
      'the embedded PostgreSQL of DATA_DIR. They work while the server runs and while it does not.',
    ].join('\n'),
  },
});
