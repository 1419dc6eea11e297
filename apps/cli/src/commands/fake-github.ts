import { buildCommand } from '@stricli/core';
import { parsePort } from '../flags.ts';

export const fakeGitHubCommand = buildCommand({
  loader: async () => (await import('./fake-github.run.ts')).fakeGitHub,
  parameters: {
    flags: {
      port: {
        kind: 'parsed',
        parse: parsePort,
        default: '4010',
        placeholder: 'PORT',
        brief: 'Port to listen on; 0 takes a free one',
      },
      webhook: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'URL',
        brief: 'Where deliveries go, for example http://127.0.0.1:3001/webhooks/github',
      },
    },
  },
  docs: {
    brief: 'A GitHub for development: App, pull requests, webhooks, statuses, comments',
    fullDescription: [
      'Listens on 127.0.0.1, prints the settings that point the server at it, one NAME=value a line, and runs until Ctrl-C.',
      'Pull requests are opened through its control API; see packages/fake-github/README.md.',
    ].join('\n'),
  },
});
