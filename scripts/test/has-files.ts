import { globSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf, type Tier, type TierName } from './tiers.ts';

/** Whether there is any test of the tier. */
export function hasFiles(root: string, tier: Tier): boolean {
  const { include, exclude } = filesOf(tier.name);
  return globSync(include, { cwd: root, exclude }).length > 0;
}

/** The files of the tier that are going to run, relative to the root. `chosen` are parts of paths; none chooses all. */
export function chosenFiles(root: string, tier: TierName, chosen: readonly string[]): string[] {
  const { include, exclude } = filesOf(tier);
  const files = globSync(include, { cwd: root, exclude });
  return chosen.length === 0 ? files : files.filter((file) => chosen.some((part) => join(root, file).includes(part)));
}
