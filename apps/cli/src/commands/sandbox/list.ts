import { Sandbox } from '@ephemera/sandbox';
import type { Context } from '../../context.ts';
import { jsonText } from '../job/objects-text.ts';
import { listTable } from './list-table.ts';
import type { WhereFlags } from './where.ts';
import { withPlace } from './with-place.ts';

interface Flags extends WhereFlags {
  readonly json: boolean;
}

export async function list(this: Context, { json, ...flags }: Flags): Promise<void> {
  const { process } = this;
  await withPlace(this, flags, async ({ host, signal }) => {
    const found = await Sandbox.list({ on: host, signal });
    if (json) process.stdout.write(`${jsonText(found)}\n`);
    else if (found.length > 0) process.stdout.write(`${listTable(found)}\n`);
    else process.stderr.write('There is no sandbox.\n');
  });
}
