import type { Context } from '../../context.ts';
import { jsonText } from '../job/objects-text.ts';
import { withSandbox } from './find-sandbox.ts';
import { commandTable } from './list-table.ts';
import type { WhereFlags } from './where.ts';
import { withPlace } from './with-place.ts';

interface Flags extends WhereFlags {
  readonly json: boolean;
}

export async function ps(this: Context, { json, ...flags }: Flags, text: string): Promise<void> {
  const { process } = this;
  await withPlace(this, flags, async ({ host, signal }) => {
    const found = await withSandbox({ host, text, signal }, (sandbox) => sandbox.commands.list());
    if (json) process.stdout.write(`${jsonText(found)}\n`);
    else if (found.length > 0) process.stdout.write(`${commandTable(found)}\n`);
    else process.stderr.write('No command runs, and none has run.\n');
  });
}
