import { describeSettings } from '@ephemera/server/settings';
import { table } from './markdown.ts';

/** Settings of the other programs, which read them one by one. */
const COMMAND_LINE: readonly (readonly [name: string, value: string, help: string])[] = [
  [
    '`EPHEMERA_URL`',
    '`http://127.0.0.1:3001`',
    'where `env` and `sweep` ask for a running server; set, `pr-job` asks it too',
  ],
  [
    '`EPHEMERA_TOKEN`',
    '',
    'the token that they send; set, `pr-job` asks a server as well; `npx ephemera token create` makes one',
  ],
  [
    '`EPHEMERA_OIDC_AUDIENCE`',
    '`EPHEMERA_URL`',
    'in GitHub Actions without EPHEMERA_TOKEN: the audience of the tokens that `pr-job` asks GitHub for, as `OIDC_AUDIENCE` of the server',
  ],
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
