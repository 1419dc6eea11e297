import type { Context } from '../../context.ts';
import { jsonText } from '../job/objects-text.ts';
import { leaveAtSecond } from './leave-at-second.ts';
import { makeSandbox } from './make-sandbox.ts';
import { orderOf, type OrderFlags } from './order.ts';
import { variablesOf } from './variables.ts';
import { nextCommand } from './where.ts';
import { withPlace } from './with-place.ts';

interface Flags extends OrderFlags {
  readonly json: boolean;
}

export async function create(this: Context, { json, ...flags }: Flags, image: string): Promise<void> {
  const { process } = this;
  const order = orderOf(image, flags, variablesOf(flags, this.environment));
  await withPlace(this, flags, async (here) => {
    const { signal } = here;
    using _ = leaveAtSecond(process, signal, () => 'Left at once: a sandbox may be there until its lifetime is over.');
    const sandbox = await makeSandbox(this, here, order);
    const { id } = sandbox;
    try {
      // It takes a word with the runner to give it the variables, which are in no object that it could read them from.
      if (order.env !== undefined) await sandbox.commands.list();
      const told = await sandbox.info({ signal });
      // It has just answered; the cluster's own word for that comes a moment later.
      const info = told.state === 'starting' ? { ...told, state: 'running' } : told;
      signal.throwIfAborted();
      process.stdout.write(`${json ? jsonText(info) : id}\n`);
      if (process.stderr.isTTY)
        process.stderr.write(`until ${info.expiresAt}; to use it: ${nextCommand(['exec', id], flags)} -- PROGRAM …\n`);
      await sandbox.disconnect();
    } catch (error) {
      // Nobody would know that it is there.
      await sandbox.kill().catch(() => {});
      throw error;
    }
  });
}
