import type { Context } from '../../context.ts';
import { BadInput } from '../../errors.ts';
import { commandOptionsOf, execute, type CommandFlags } from './execute.ts';
import { withSandbox } from './find-sandbox.ts';
import { inCommandFlags } from './in-flags.ts';
import { leaveAtSecond } from './leave-at-second.ts';
import { variablesOf, type VariableFlags } from './variables.ts';
import type { WhereFlags } from './where.ts';
import { withResult } from './with-result.ts';

interface Flags extends CommandFlags, VariableFlags, WhereFlags {
  readonly detach: boolean;
}

export async function exec(this: Context, flags: Flags, text: string, ...argv: readonly string[]): Promise<void> {
  await withResult(this, flags, async ({ host, signal }) => {
    const env = variablesOf(flags, this.environment);
    if (flags.detach && (flags.stdin || flags.terminal))
      throw new BadInput({ problem: '--detach leaves nobody who could type: leave out -i and -t, or --detach.' });
    using _ = leaveAtSecond(this.process, signal);
    return await withSandbox({ host, text, signal }, async (sandbox) => {
      if (!flags.detach) return execute(this, sandbox, { argv, flags, env, signal });
      const options = { ...commandOptionsOf({ argv, flags, env }), signal };
      const { id } = await inCommandFlags(sandbox.commands.start(argv, options));
      this.process.stdout.write(`${id}\n`);
      return 0;
    });
  });
}
