import type { Context } from '../../context.ts';
import { explain } from '../../errors.ts';
import { KillIncomplete } from './errors.ts';
import { findSandbox } from './find-sandbox.ts';
import { leaveAtSecond } from './leave-at-second.ts';
import type { WhereFlags } from './where.ts';
import { withPlace } from './with-place.ts';

/** All at once, and the others also where one cannot be ended. Prints each that is gone. */
export async function kill(this: Context, flags: WhereFlags, ...texts: readonly string[]): Promise<void> {
  const { process } = this;
  await withPlace(this, flags, async ({ host, signal }) => {
    using _ = leaveAtSecond(process, signal);
    const wanted = [...new Set(texts)];
    const end = async (text: string): Promise<void> => {
      const sandbox = await findSandbox(host, text, signal);
      await sandbox.kill({ signal });
      process.stdout.write(`${sandbox.id}\n`);
    };
    const ends = await Promise.allSettled(wanted.map(end));
    signal.throwIfAborted();
    const failures = ends.flatMap((ended) => (ended.status === 'rejected' ? [ended.reason as unknown] : []));
    if (failures.length === 0) return;
    if (wanted.length === 1) throw failures[0];
    for (const failure of failures) process.stderr.write(`${explain(failure)}\n`);
    throw new KillIncomplete({ left: wanted.filter((_text, at) => ends[at]?.status === 'rejected') });
  });
}
