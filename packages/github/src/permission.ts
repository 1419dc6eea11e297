/** What each kind of call needs, where GitHub's refusal does not say it itself. The first pattern that fits counts. */
const needs: readonly (readonly [RegExp, string])[] = [
  [/\/statuses\//, 'statuses'],
  [/\/check-runs/, 'checks'],
  [/\/issues\//, 'pull_requests'],
  [/\/pulls/, 'pull_requests'],
];

/** GitHub's own list: `;` between alternatives, `,` between what is needed together. */
const accepted = /^[a-z_]+=[a-z]+(?:[,;] ?[a-z_]+=[a-z]+)*$/;

/** The permission that a refused call needed, for people: `statuses: write`. */
export function permissionFor(request: { method: string; url: string }, acceptedHeader: unknown): string {
  if (typeof acceptedHeader === 'string' && acceptedHeader.length < 200 && accepted.test(acceptedHeader)) {
    return acceptedHeader
      .split(/; ?/)
      .map((together) => together.split(/, ?/).join(' and ').replaceAll('=', ': '))
      .join(' or ');
  }
  const name = needs.find(([pattern]) => pattern.test(request.url))?.[1] ?? 'metadata';
  return `${name}: ${request.method === 'GET' ? 'read' : 'write'}`;
}
