/** The kinds of tests, by the suffix of their files, in the order in which they run: what is cheap says first what is broken. */
export interface Tier {
  readonly name: TierName;
  readonly needs: 'nothing' | 'cluster';
  /** Whether one PostgreSQL is started for all files of the tier. */
  readonly postgres: boolean;
  readonly timeoutMs: number;
  /** Whether the tests of one file run side by side: journeys have a server each, and wait for the cluster most of the time. */
  readonly concurrent: boolean;
  /** Files at once. Journeys mostly wait for the cluster, so more of them fit on the same processors. */
  readonly workers: number;
}

export const TIER_NAMES = ['unit', 'store', 'cluster', 'journey', 'faults'] as const;
export type TierName = (typeof TIER_NAMES)[number];

export const TIERS: readonly Tier[] = [
  { name: 'unit', needs: 'nothing', postgres: false, concurrent: false, timeoutMs: 20_000, workers: 2 },
  { name: 'store', needs: 'nothing', postgres: true, concurrent: false, timeoutMs: 30_000, workers: 2 },
  { name: 'cluster', needs: 'cluster', postgres: false, concurrent: false, timeoutMs: 120_000, workers: 4 },
  { name: 'journey', needs: 'cluster', postgres: true, concurrent: true, timeoutMs: 180_000, workers: 4 },
  { name: 'faults', needs: 'cluster', postgres: true, concurrent: false, timeoutMs: 180_000, workers: 4 },
];

const FOLDERS = '{packages,apps,tools,scripts,examples,bench}';

/** Where a tier's files are: `name.store.test.ts` belongs to `store`, a plain `name.test.ts` to `unit`. */
export function filesOf(name: TierName): { include: string[]; exclude: string[] } {
  const suffixed = (tier: TierName) => `${FOLDERS}/**/*.${tier}.test.ts`;
  const others = TIER_NAMES.filter((tier) => tier !== 'unit');
  const never = ['**/node_modules/**'];
  return name === 'unit'
    ? { include: [`${FOLDERS}/**/*.test.ts`], exclude: [...never, ...others.map(suffixed)] }
    : { include: [suffixed(name)], exclude: never };
}
