import { BadInput } from '../../errors.ts';

/** The longest name of an App that GitHub takes. */
const longestName = 34;

/** Scheme, host and port, without a path. */
export function parsePublicUrl(text: string): string {
  const url = parseUrl(text, '--url', 'https://ephemera.example.com');
  if (url.pathname !== '/' || url.search !== '') {
    throw new BadInput({ problem: `${text} has a path: --url takes only scheme and host.` });
  }
  return url.origin;
}

export function parseGitHubUrl(text: string): string {
  return parseUrl(text, '--github-url', 'https://github.com').origin;
}

export function parseOrganization(text: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]{0,38}$/.test(text))
    throw new BadInput({ problem: `${text} is no name of an organization.` });
  return text;
}

export function parseName(text: string): string {
  if (text.trim() === '' || text.length > longestName)
    throw new BadInput({ problem: `The name of an App has 1 to ${longestName} characters.` });
  return text;
}

function parseUrl(text: string, flag: string, example: string): URL {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new BadInput({ problem: `${text} is no URL.`, hint: `For example ${flag} ${example}` });
  }
  return new URL(text);
}
