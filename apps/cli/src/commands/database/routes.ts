import { buildCommand, buildRouteMap } from '@stricli/core';
import { envFileFlag } from '../../env-file.ts';

const file = { kind: 'tuple', parameters: [{ parse: String, placeholder: 'FILE', brief: 'The backup' }] } as const;

const backup = buildCommand({
  loader: async () => (await import('./backup.ts')).backup,
  parameters: { positional: file, flags: { envFile: envFileFlag } },
  docs: {
    brief: 'Write all of the database into one file; works while the server runs',
    fullDescription: [
      'Writes everything that Ephemera knows, as of one moment, into FILE. It appears when it is complete, and then replaces an older one.',
      'FILE is for its owner only: it holds names of repositories and people, and the hashes of API tokens.',
    ].join('\n'),
  },
});

const restore = buildCommand({
  loader: async () => (await import('./restore.ts')).restore,
  parameters: {
    positional: file,
    flags: {
      replace: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Give up what the database holds now',
      },
      envFile: envFileFlag,
    },
  },
  docs: {
    brief: 'Put a backup into the database, all or nothing; every server has to be stopped',
    fullDescription: [
      'Puts what FILE holds into the database, also one of an older Ephemera or of another major version of PostgreSQL.',
      'A file that is damaged or cut off is refused before anything is touched. At its start the server looks at all that has changed since.',
    ].join('\n'),
  },
});

export const databaseRoutes = buildRouteMap({
  routes: { backup, restore },
  docs: { brief: 'Backup and restore of the server’s database, embedded or given by DATABASE_URL' },
});
