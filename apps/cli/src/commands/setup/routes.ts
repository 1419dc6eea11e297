import { buildCommand, buildRouteMap } from '@stricli/core';
import { parseGitHubUrl, parseName, parseOrganization, parsePublicUrl } from './input.ts';

const text = (placeholder: string, brief: string, parse: (given: string) => string = String) =>
  ({ kind: 'parsed', parse, optional: true, placeholder, brief }) as const;

const github = buildCommand({
  loader: async () => (await import('./github.ts')).github,
  parameters: {
    flags: {
      url: text(
        'PUBLIC_URL',
        'Where GitHub reaches the server, for example https://ephemera.example.com',
        parsePublicUrl,
      ),
      organization: text('ORG', 'Make it for an organization (default: your own account)', parseOrganization),
      name: text('NAME', 'Name of the App, which nobody else on GitHub has', parseName),
      githubUrl: {
        kind: 'parsed',
        parse: parseGitHubUrl,
        default: 'https://github.com',
        placeholder: 'URL',
        brief: 'GitHub’s pages; GitHub Enterprise: https://HOST',
      },
      out: {
        kind: 'parsed',
        parse: String,
        default: 'ephemera.env',
        placeholder: 'FILE',
        brief: 'Settings file to write; the key goes beside it',
      },
      open: { kind: 'boolean', default: true, brief: 'Open a browser, where there is one' },
      force: { kind: 'boolean', default: false, withNegated: false, brief: 'Replace files that exist' },
    },
  },
  docs: {
    brief: 'Make the GitHub App with the least permissions, and write its settings',
    fullDescription: [
      'Opens a page on this machine that leads to GitHub, where you confirm the App. Then writes its id, key and webhook secret, for you only,',
      'into FILE, which `up --env-file FILE` reads. It waits ten minutes for you. GITHUB_API_URL is used where it is set.',
    ].join('\n'),
  },
});

export const setupRoutes = buildRouteMap({
  routes: { github },
  docs: { brief: 'Make what the server needs outside of this machine' },
});
