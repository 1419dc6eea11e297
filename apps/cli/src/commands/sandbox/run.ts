import type { Context } from '../../context.ts';
import { execute, type CommandFlags } from './execute.ts';
import { orderOf, type OrderFlags } from './order.ts';
import { variablesOf } from './variables.ts';
import { withNewSandbox } from './with-new-sandbox.ts';
import { withResult } from './with-result.ts';

export async function run(
  this: Context,
  flags: OrderFlags & CommandFlags,
  image: string,
  ...argv: readonly string[]
): Promise<void> {
  await withResult(this, flags, async (here) => {
    const order = orderOf(image, flags, variablesOf(flags, this.environment));
    return withNewSandbox(this, { here, flags, order }, (sandbox) =>
      execute(this, sandbox, { argv, flags, signal: here.signal }),
    );
  });
}
