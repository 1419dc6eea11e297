import { buildCommand } from '@stricli/core';
import { contextFlag } from '../flags.ts';

export const demoCommand = buildCommand({
  loader: async () => (await import('./demo.run.ts')).demo,
  parameters: {
    flags: {
      once: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Play opened, synchronize, closed, reopened, closed, prove that nothing is left, and end',
      },
      summary: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'FILE',
        brief: 'Write phases, leftovers, comment and commit statuses as JSON',
      },
      context: { ...contextFlag, brief: 'Use a cluster of your own instead of a local one made for this' },
    },
  },
  docs: {
    brief: 'The main job on a real cluster: a pull request opens, gets its namespace, and leaves nothing',
    fullDescription: [
      'Starts a local Kubernetes (or uses --context), a PostgreSQL, a fake GitHub and the server, and opens a pull request.',
      'It stays up, and the environment answers at its URL, until Ctrl-C: that closes the pull request and shows that nothing is left.',
    ].join('\n'),
  },
});
