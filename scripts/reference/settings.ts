import { describeSettings } from '@ephemera/server/settings';
import { table } from './markdown.ts';

/** Settings of the other programs, which read them one by one. */
const COMMAND_LINE: readonly (readonly [name: string, value: string, help: string])[] = [
  ['`EPHEMERA_URL`', '`http://127.0.0.1:3001`', 'where `env` and `sweep` ask for a running server'],
  ['`EPHEMERA_TOKEN`', '', 'the token that they send; `npx ephemera token create` makes one'],
  ['`EPHEMERA_CACHE`', '`~/.cache/ephemera`', 'folder of what is built for the local cluster, and of its instances'],
  ['`EPHEMERA_CLUSTER_BLOCK`', '', 'private /16 network of the local cluster, where the usual one is taken'],
];

export async function settingsPage(): Promise<string> {
  const server = describeSettings().map(({ name, default: value, help }) => [
    `\`${name}\``,
    value === undefined ? '' : `\`${value}\``,
    help,
  ]);
  return [
    '# Settings',
    '',
    'Every setting is an environment variable. An empty one counts as not set. All problems are reported at once.',
    '',
    '## The server (`npx ephemera up`)',
    '',
    table(['setting', 'default', 'what it is'], server),
    '',
    '`GITHUB_APP_ID`, `GITHUB_APP_PRIVATE_KEY_PATH` and `GITHUB_WEBHOOK_SECRET` belong together: with none of them the server runs and',
    '`/webhooks/github` answers 503, with some of them it does not start. `GITHUB_API_URL` alone starts nothing.',
    '',
    '## The command line',
    '',
    table(['setting', 'default', 'what it is'], COMMAND_LINE),
  ].join('\n');
}
