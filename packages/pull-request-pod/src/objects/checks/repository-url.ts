import { BlockList, isIP } from 'node:net';
import { hasControl, type TextCheck } from './problem.ts';

const longest = 2048;

/** Networks in which nobody outside listens. Link-local is not among them: clouds serve credentials there. */
const inside = new BlockList();
inside.addSubnet('127.0.0.0', 8);
inside.addSubnet('10.0.0.0', 8);
inside.addSubnet('172.16.0.0', 12);
inside.addSubnet('192.168.0.0', 16);
inside.addAddress('::1', 'ipv6');
inside.addSubnet('fc00::', 7, 'ipv6');

/** Where the job fetches from. Not encrypted only inside a cluster or a machine, where there are Git servers without a certificate. */
export const repositoryUrl: TextCheck = (text) => {
  const fix = 'Write https://host/owner/name, without user, password, query and fragment.';
  if (text.length > longest) return { problem: `has more than ${longest} characters`, fix };
  if (hasControl(text) || /[\s\\]/.test(text)) return { problem: 'has spaces, backslashes or control characters', fix };
  const url = /^https?:\/\//.test(text) ? URL.parse(text) : null;
  if (url === null) return { problem: 'is not an https URL', fix };
  if (url.username !== '' || url.password !== '' || text.split('/')[2]?.includes('@') === true)
    return { problem: 'has credentials in it', fix: `${fix} A token goes into repository.token.` };
  if (text.includes('?') || text.includes('#')) return { problem: 'has a query or a fragment', fix };
  if (url.pathname === '/') return { problem: 'names no repository', fix };
  if (url.protocol === 'http:' && !isInside(url.hostname))
    return { problem: 'is not encrypted', fix: `${fix} http is for private addresses and Services of the cluster.` };
  return undefined;
};

/** As Git gets it: in the one spelling of the URL standard, so that what was checked is what is asked. */
export function plainUrl(text: string): string {
  return new URL(text).href;
}

function isInside(hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const version = isIP(address);
  if (version !== 0) return inside.check(address, version === 4 ? 'ipv4' : 'ipv6');
  return /(^|\.)localhost$|\.svc(\.cluster\.local)?$/.test(hostname);
}
