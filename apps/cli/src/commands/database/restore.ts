import { restoreBackup } from '@ephemera/server/admin';
import type { Context } from '../../context.ts';
import { takeSignals } from '../../interruption.ts';
import { openNamedDatabase, tablePrinter, total } from './open.ts';

interface Flags {
  readonly replace: boolean;
  readonly envFile?: string;
}

export async function restore(this: Context, { replace, envFile }: Flags, file: string): Promise<void> {
  const { stderr } = this.process;
  using interruption = takeSignals(this.process);
  await using database = await openNamedDatabase(this, envFile, { schema: 'as_found' });
  const { rows, instance } = await restoreBackup(database.db, file, {
    replace,
    signal: interruption.signal,
    onTable: tablePrinter(stderr),
  });
  stderr.write(
    [
      `Restored: ${total(rows)} rows of instance ${instance ?? '(none yet)'}.`,
      'API tokens are as they were then: one that was revoked since works again. See `npx ephemera token list`, and revoke it again.',
      'Start the server (npx ephemera up): it compares all of it with GitHub and the cluster, and mends what has changed since.',
      '',
    ].join('\n'),
  );
}
