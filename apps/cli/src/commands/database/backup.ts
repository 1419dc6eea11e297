import { writeBackup } from '@ephemera/server/admin';
import type { Context } from '../../context.ts';
import { takeSignals } from '../../interruption.ts';
import { openNamedDatabase, tablePrinter, total } from './open.ts';

export async function backup(this: Context, { envFile }: { envFile?: string }, file: string): Promise<void> {
  const { stderr } = this.process;
  using interruption = takeSignals(this.process);
  await using database = await openNamedDatabase(this, envFile, { schema: 'as_found' });
  const { rows, instance } = await writeBackup(database.db, file, {
    signal: interruption.signal,
    onTable: tablePrinter(stderr),
  });
  stderr.write(
    `Written: ${file}, ${total(rows)} rows of instance ${instance ?? '(none yet)'}. Keep it as safe as the database.\n`,
  );
}
