import { Sandbox, type SandboxOptions } from '@ephemera/sandbox';
import type { Context } from '../../context.ts';
import { progressPrinter } from '../../progress.ts';
import { plain } from '../../table.ts';
import { inSandboxFlags } from './in-flags.ts';
import type { Here } from './with-result.ts';

/** A start that is over sooner is not worth a line of its own. */
const quietBelowMs = 300;

/** Makes one, with a line about it where standard error is a terminal. Aborted or failed, it has removed what it made. */
export async function makeSandbox(
  { process }: Context,
  { host, signal }: Here,
  order: Omit<SandboxOptions, 'on' | 'signal' | 'onStage'>,
): Promise<Sandbox> {
  const tell = process.stderr.isTTY ? progressPrinter(process.stderr, { quietBelowMs }) : () => {};
  const step = `sandbox with ${plain(order.image ?? '')}`;
  const beganAt = performance.now();
  const ms = (): number => Math.round(performance.now() - beganAt);
  tell({ step, state: 'started' });
  try {
    const sandbox = await inSandboxFlags(Sandbox.create({ ...order, on: host, signal }));
    tell({ step, state: 'done', ms: ms() });
    return sandbox;
  } catch (error) {
    tell({ step, state: 'failed', ms: ms() });
    throw error;
  }
}
