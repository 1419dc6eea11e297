import { buildCommand } from '@stricli/core';
import { envFileFlag } from '../env-file.ts';
import { contextFlag, jsonFlag } from '../flags.ts';

export const doctorCommand = buildCommand({
  loader: async () => (await import('./doctor.run.ts')).doctor,
  parameters: {
    flags: {
      json: { ...jsonFlag, brief: 'Print [{ check, ok: true|false|null, detail, hint? }] instead of lines' },
      context: contextFlag,
      envFile: envFileFlag,
      skipProbe: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Do not try with pods whether NetworkPolicies are enforced',
      },
      probeImage: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'IMAGE',
        brief: 'A busybox for that trial (default: docker.io/library/busybox:1)',
      },
    },
  },
  docs: {
    brief: 'Check settings, cluster, rights, database, GitHub and webhooks, and say what to do',
    fullDescription: [
      'Checks all that a server needs, also while it runs. Nothing is changed; the trial of NetworkPolicies makes three small pods in a',
      'namespace of its own and removes it. A line says ✔ for well, ✘ for broken, and – for what cannot be said or works less than it',
      'could. Exit code 1 when something is broken.',
    ].join('\n'),
  },
});
