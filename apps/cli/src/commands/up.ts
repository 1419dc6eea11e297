import { describeSettings } from '@ephemera/server/settings';
import { buildCommand } from '@stricli/core';
import { envFileFlag } from '../env-file.ts';
import { contextFlag } from '../flags.ts';

const width = Math.max(...describeSettings().map(({ name }) => name.length)) + 2;
const settings = describeSettings().map(
  ({ name, default: value, help }) => `  ${name.padEnd(width)}${help}${value === undefined ? '' : ` [${value}]`}`,
);

export const upCommand = buildCommand({
  loader: async () => (await import('./up.run.ts')).up,
  parameters: { flags: { context: contextFlag, envFile: envFileFlag } },
  docs: {
    brief: 'Start the server, with settings from the environment or a file',
    fullDescription: [
      'Starts the server and runs until SIGINT or SIGTERM.',
      'A relative path in the settings file is relative to that file.',
      '',
      'SETTINGS (environment variables)',
      ...settings,
    ].join('\n'),
  },
});
