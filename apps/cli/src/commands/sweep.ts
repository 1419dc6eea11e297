import { buildCommand } from '@stricli/core';
import { jsonFlag } from '../flags.ts';

export const sweepCommand = buildCommand({
  loader: async () => (await import('./sweep.run.ts')).sweep,
  parameters: {
    flags: {
      dryRun: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Only tell what is found; change nothing',
      },
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Compare GitHub and the cluster with the database now, and see to what differs',
    fullDescription: [
      'Asks a running server (EPHEMERA_URL) for one pass, follows it to its end and prints what it found. EPHEMERA_TOKEN needs the scope admin.',
      'Ends with 0 when all was looked at and seen to, and with 1 when the pass failed, was not complete or stopped at the cap on removals.',
    ].join('\n'),
  },
});
