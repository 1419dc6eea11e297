import { isIP } from 'node:net';

/**
 * `server`: our own routes. `environment`: one label below BASE_DOMAIN; whether there is one of that name is looked up.
 * `unknown`: nobody's.
 */
export type HostTarget =
  | { readonly kind: 'server' }
  | { readonly kind: 'environment'; readonly host: string }
  | { readonly kind: 'unknown' };

/**
 * What a Host header asks for. Everything that ends in BASE_DOMAIN belongs to environments, so that a page of theirs can never speak
 * for the API. The server itself answers to addresses, `localhost` and BASE_DOMAIN only: a web page whose own name was made to point
 * at this machine would otherwise read the API through its visitor's browser. Pure.
 */
export function classifyHost(header: string | undefined, baseDomain: string): HostTarget {
  const host = (header ?? '').toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  if (host.endsWith(`.${baseDomain}`)) return { kind: 'environment', host };
  const ours = ['', 'localhost', baseDomain].includes(host) || isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
  return { kind: ours ? 'server' : 'unknown' };
}
