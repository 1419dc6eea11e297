import { messageOf } from '@ephemera/model';
import type { Sandbox, SandboxOptions } from '@ephemera/sandbox';
import type { Context } from '../../context.ts';
import { plain } from '../../table.ts';
import { leaveAtSecond } from './leave-at-second.ts';
import { makeSandbox } from './make-sandbox.ts';
import { nextCommand, type WhereFlags } from './where.ts';
import type { Here } from './with-result.ts';

export interface Use {
  readonly here: Here;
  readonly flags: WhereFlags;
  readonly order: Omit<SandboxOptions, 'on' | 'signal' | 'onStage'>;
}

/**
 * A sandbox for as long as `use` takes. It is removed afterwards, whatever happens and also at Ctrl-C; a second Ctrl-C leaves at once, and says
 * what may be left. That it cannot be removed changes no result: it is told, and its lifetime ends it.
 */
export async function withNewSandbox<Result>(
  command: Context,
  { here, flags, order }: Use,
  use: (sandbox: Sandbox) => Promise<Result>,
): Promise<Result> {
  const { process } = command;
  let id = '';
  const parting = (): string =>
    id === ''
      ? 'Left at once: a sandbox may have been made; it ends when its lifetime is over.'
      : `Left at once: sandbox ${id} may still be there until its lifetime is over. To end it: ${nextCommand(['kill', id], flags)}`;
  using _ = leaveAtSecond(process, here.signal, parting);
  const { signal } = here;
  const tell = (): void => {
    if (process.stderr.isTTY) process.stderr.write('taking it down; a second Ctrl-C leaves at once\n');
  };
  signal.addEventListener('abort', tell, { once: true });
  const sandbox = await makeSandbox(command, here, order);
  id = sandbox.id;
  try {
    return await use(sandbox);
  } finally {
    signal.removeEventListener('abort', tell);
    await sandbox.kill().catch((error: unknown) => {
      const next = nextCommand(['kill', id], flags);
      process.stderr.write(`warning: sandbox ${id} could not be removed: ${plain(messageOf(error))} Try: ${next}\n`);
    });
  }
}
