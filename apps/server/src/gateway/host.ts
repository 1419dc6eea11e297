/**
 * What a Host header asks for. `server`: our own routes. `environment`: one label below BASE_DOMAIN; whether there is one
 * of that name is looked up. Everything that ends in BASE_DOMAIN belongs to environments, so that a page of theirs can never
 * speak for the API. Pure.
 */
export function classifyHost(
  header: string | undefined,
  baseDomain: string,
): { readonly kind: 'server' } | { readonly kind: 'environment'; readonly host: string } {
  const host = (header ?? '').toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  return host.endsWith(`.${baseDomain}`) ? { kind: 'environment', host } : { kind: 'server' };
}
