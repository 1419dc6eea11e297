import { globSync } from 'node:fs';
import { filesOf, type Tier } from './tiers.ts';

/** Whether there is any test of the tier. */
export function hasFiles(root: string, tier: Tier): boolean {
  const { include, exclude } = filesOf(tier.name);
  return globSync(include, { cwd: root, exclude }).length > 0;
}
