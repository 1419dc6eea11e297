import { availableParallelism } from 'node:os';
import { contract } from './contract.ts';
import type { Check, Findings } from './check.ts';
import { deadCode } from './dead-code.ts';
import { docPaths } from './doc-paths.ts';
import { fileSize } from './file-size.ts';
import { format } from './format.ts';
import { hygiene } from './hygiene.ts';
import { importDirection } from './import-direction.ts';
import { lint } from './lint.ts';
import { reference } from './reference.ts';
import { types } from './types.ts';

/** The slow ones first: they start first. */
const CHECKS: readonly Check[] = [
  lint,
  types,
  deadCode,
  reference,
  format,
  hygiene,
  importDirection,
  contract,
  docPaths,
  fileSize,
];

/** Runs all checks, a few at a time, and says how each went. True when nothing was found. */
export async function runChecks(root: string, say: (line: string) => void): Promise<boolean> {
  const waiting = [...CHECKS];
  let clean = true;
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const startedAt = performance.now();
      const { problems, notes = [] } = await findings(check, root);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      clean &&= problems.length === 0;
      say(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)`);
      for (const text of [...problems, ...notes.map((note) => `note: ${note}`)]) say(text.replaceAll(/^/gm, '     '));
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  return clean;
}

/** A check that cannot run has found something: itself. */
async function findings(check: Check, root: string): Promise<Findings> {
  try {
    return await check.run(root);
  } catch (error) {
    return { problems: [`the check itself failed: ${error instanceof Error ? error.stack : String(error)}`] };
  }
}
