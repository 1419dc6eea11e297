import { describeSettings } from '@ephemera/server/settings';
import { buildCommand } from '@stricli/core';
import { contextFlag } from '../flags.ts';

const width = Math.max(...describeSettings().map(({ name }) => name.length)) + 2;
const settings = describeSettings().map(
  ({ name, default: value, help }) => `  ${name.padEnd(width)}${help}${value === undefined ? '' : ` [${value}]`}`,
);

export const upCommand = buildCommand({
  loader: async () => (await import('./up.run.ts')).up,
  parameters: { flags: { context: contextFlag } },
  docs: {
    brief: 'Start the server, with settings from the environment',
    fullDescription: [
      'Starts the server and runs until SIGINT or SIGTERM.',
      '',
      'SETTINGS (environment variables)',
      ...settings,
    ].join('\n'),
  },
});
