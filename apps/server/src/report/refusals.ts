import type { WayName } from '../store/reports.ts';

/** What is missing, as GitHub's settings of an App name it. */
const words: Record<WayName, { readonly what: string; readonly permission: string }> = {
  statuses: { what: 'write commit statuses', permission: 'Commit statuses: write' },
  issues: { what: 'comment on pull requests', permission: 'Pull requests: write' },
  checks: { what: 'write check runs', permission: 'Checks: write' },
};

/** One sentence for each way of telling that GitHub refuses, for the ways that work. Pure. */
export function refusalSentences(refused: readonly WayName[]): string[] {
  return refused.toSorted().map((way) => {
    const { what, permission } = words[way];
    return `⚠️ Ephemera may not ${what}: grant the App the permission ${permission}.`;
  });
}

/** The same list with or without a way. */
export function withRefusal(refused: readonly WayName[], way: WayName, is: boolean): readonly WayName[] {
  if (refused.includes(way) === is) return refused;
  return is ? [...refused, way] : refused.filter((other) => other !== way);
}
