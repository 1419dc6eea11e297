import { quantityOf } from '@ephemera/job/compile';
import type { CheckedBuilderLimits } from '../checked-order.ts';
import { knownKeys } from './keys.ts';
import type { Problems, TextCheck } from './problem.ts';

/** What a builder may take where nobody says more. Docs: pull-request-jobs.md. */
export const defaultBuilderLimits = { cpu: '2', memory: '4Gi' } as const;

/** With its default for what is not given; what is wrong is noted. */
export function readBuilderLimits(problems: Problems, value: unknown): CheckedBuilderLimits {
  if (value === undefined) return defaultBuilderLimits;
  const path = 'builderLimits';
  const given = knownKeys(problems, value, { path, keys: ['cpu', 'memory'] }) ?? {};
  return {
    cpu: problems.optionalText(`${path}.cpu`, given.cpu, amount('500m or 2')) ?? defaultBuilderLimits.cpu,
    memory:
      problems.optionalText(`${path}.memory`, given.memory, amount('512Mi or 8Gi')) ?? defaultBuilderLimits.memory,
  };
}

/** It goes into a list of options with commas and = between them, of which a quantity has none. */
function amount(example: string): TextCheck {
  return (text) => {
    const quantity = quantityOf(text);
    return quantity !== undefined && quantity > 0n
      ? undefined
      : { problem: 'is not a quantity above 0', fix: `Write one of Kubernetes, for example ${example}.` };
  };
}
