import type { Executor } from '../store/database.ts';
import { environmentById } from '../store/environments.ts';
import type { Environment } from '../store/schema.ts';

/**
 * The row, while it is wanted open and at this commit; else undefined, and whoever asks writes nothing about a wish that is past: the row
 * may say by now why the environment ends.
 *
 * Exact inside `claim.write` of the environment's work: whoever wants something else asks for that work first, and waits for its lock.
 */
export async function whileWanted(tx: Executor, id: number, commitSha: string): Promise<Environment | undefined> {
  const newest = await environmentById(tx, id);
  return newest?.wantedState === 'open' && newest.wantedSha === commitSha ? newest : undefined;
}
