import { writeFileSync } from 'node:fs';
import type { StatusView } from '@ephemera/fake-github';
import { messageOf } from '@ephemera/model';
import { BadInput } from '../errors.ts';

/** What `--summary FILE` holds. */
export interface Summary {
  readonly phases: { readonly name: string; readonly ms: number }[];
  /** `kind/namespace/name` of everything that is still there at the end: cluster, ledger and processes. */
  leftovers: readonly string[];
  /** The last text of the one comment. */
  comment: string;
  /** All commit statuses, oldest first. */
  statuses: readonly StatusView[];
}

export function emptySummary(): Summary {
  return { phases: [], leftovers: [], comment: '', statuses: [] };
}

export function writeSummary(path: string, summary: Summary): void {
  try {
    writeFileSync(path, `${JSON.stringify(summary, null, 2)}\n`);
  } catch (error) {
    throw new BadInput(
      {
        problem: `The summary cannot be written to ${path}: ${messageOf(error)}.`,
        hint: 'Give --summary a file in a folder that exists.',
      },
      { cause: error },
    );
  }
}
