import { parseArgs } from 'node:util';
import { TIER_NAMES, TIERS, type Tier } from './tiers.ts';

export interface Flags {
  /** True for the whole run, which begins with `check`; the inner loop with `--tier` leaves it out. */
  readonly check: boolean;
  readonly tiers: readonly Tier[];
  /** A kubeconfig context of the user's instead of the local cluster. */
  readonly context: string | undefined;
  /** Parts of paths; only files that contain one of them run. */
  readonly files: readonly string[];
}

export const USAGE = 'npm test -- [--tier unit|store|cluster|journey|faults]… [--context NAME] [part of a file name…]';

/** Reads the command line. A string is what is wrong with it. `hasFiles` says which tiers have tests at all. Pure. */
export function readFlags(args: readonly string[], hasFiles: (tier: Tier) => boolean): Flags | string {
  const parsed = parse(args);
  if (typeof parsed === 'string') return parsed;
  const { tier: names = [], context } = parsed.values;

  const unknown = names.find((name) => !TIER_NAMES.some((tier) => tier === name));
  if (unknown !== undefined) return `There is no tier "${unknown}"; the tiers are ${TIER_NAMES.join(', ')}.`;
  const empty = TIERS.find((tier) => names.includes(tier.name) && !hasFiles(tier));
  if (empty !== undefined)
    return `There are no tests of the tier ${empty.name} yet: none ends in .${empty.name}.test.ts.`;
  if (context === '') return 'The option --context needs the name of a context of your kubeconfig.';
  if (parsed.positionals.length > 0 && names.length === 0) {
    return `"${parsed.positionals[0]}" is neither an option nor, without --tier, a choice of files.`;
  }

  return {
    check: names.length === 0,
    // The fault tests come last into being; every other tier belongs to the whole run, where a tier without tests has failed.
    tiers: TIERS.filter((tier) =>
      names.length > 0 ? names.includes(tier.name) : tier.name !== 'faults' || hasFiles(tier),
    ),
    context,
    files: parsed.positionals,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { tier: { type: 'string', multiple: true }, context: { type: 'string' } },
      allowPositionals: true,
    });
  } catch (error) {
    return (error as Error).message;
  }
}
