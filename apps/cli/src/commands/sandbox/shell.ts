import { type Sandbox, sandboxErrors } from '@ephemera/sandbox';
import type { Context } from '../../context.ts';
import { BadInput } from '../../errors.ts';
import { NoShell } from './errors.ts';
import { executeInTerminal } from './execute-in-terminal.ts';
import { withSandbox } from './find-sandbox.ts';
import { leaveAtSecond } from './leave-at-second.ts';
import { orderOf, type OrderFlags } from './order.ts';
import { variablesOf } from './variables.ts';
import { nextCommand } from './where.ts';
import { withNewSandbox } from './with-new-sandbox.ts';
import { withResult } from './with-result.ts';

export interface ShellFlags extends OrderFlags {
  readonly image?: string;
  readonly shell?: string;
  readonly cwd?: string;
}

const usualShells = ['/bin/bash', '/bin/sh'] as const;

/** A shell in the sandbox that is named, or in a new one that is removed afterwards. Ends as the shell does. */
export async function shell(this: Context, flags: ShellFlags, text?: string): Promise<void> {
  const { image } = flags;
  await withResult(this, flags, async (here) => {
    const { host, signal } = here;
    if ((text === undefined) === (image === undefined))
      throw new BadInput({ problem: 'Name a sandbox, or an image for a new one with --image: one of them.' });
    if (!this.process.stdin.isTTY || !this.process.stdout.isTTY)
      throw new BadInput({
        problem: 'A shell needs a terminal at its input and its output.',
        hint: 'In a script: npx ephemera sandbox exec -i ID -- sh',
      });
    const env = variablesOf(flags, this.environment);
    if (image !== undefined) {
      const order = orderOf(image, flags, env);
      return withNewSandbox(this, { here, flags, order }, (sandbox) => inShell(this, sandbox, { flags, signal }));
    }
    using _ = leaveAtSecond(this.process, signal);
    return await withSandbox({ host, text: text ?? '', signal }, (sandbox) =>
      inShell(this, sandbox, { flags, env, signal }),
    );
  });
}

interface ShellOptions {
  readonly flags: ShellFlags;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
}

/** The one that is named, or the first one that the image has. */
export async function inShell(
  command: Context,
  sandbox: Sandbox,
  { flags, env, signal }: ShellOptions,
): Promise<number> {
  const tried = flags.shell === undefined ? usualShells : [flags.shell];
  const options = { ...(flags.cwd !== undefined && { cwd: flags.cwd }), ...(env !== undefined && { env }) };
  let failure: unknown;
  for (const program of tried) {
    try {
      return await executeInTerminal(command, sandbox, { argv: [program], options, signal, reads: true });
    } catch (error) {
      if (!(error instanceof sandboxErrors.CommandNotStarted)) throw error;
      failure = error;
    }
  }
  // It may be the folder that cannot be entered, and whoever names a shell wants to know about that one.
  if (flags.cwd !== undefined || flags.shell !== undefined) throw failure;
  const next = flags.image === undefined ? ['exec', sandbox.id] : ['run', flags.image];
  throw new NoShell({ tried, next: `${nextCommand(next, flags)} -- PROGRAM …` }, { cause: failure });
}
