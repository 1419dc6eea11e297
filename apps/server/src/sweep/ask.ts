import type { Executor } from '../store/database.ts';
import type { Sweep } from '../store/schema.ts';
import { enqueue } from '../store/work.ts';

export { sweepById } from '../store/sweeps.ts';

/** Asks for one pass now, beside the regular ones. `dryRun`: it finds and tells everything, and changes nothing. */
export async function askSweep(db: Executor, { dryRun }: { readonly dryRun: boolean }): Promise<Sweep> {
  const ask = async (tx: Executor) => {
    const sweep = await tx
      .insertInto('sweeps')
      .values({ askedBy: 'person', dryRun })
      .returningAll()
      .executeTakeFirstOrThrow();
    await enqueue(tx, { kind: 'sweep', key: String(sweep.id) });
    return sweep;
  };
  return db.isTransaction ? ask(db) : db.transaction().execute(ask);
}
