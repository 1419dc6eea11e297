import type { Context } from '../context.ts';
import { DemoInterrupted, DemoLeftovers } from '../demo/errors.ts';
import { Play } from '../demo/play.ts';
import { buildStage, type Stage } from '../demo/stage.ts';
import { emptySummary, writeSummary, type Summary } from '../demo/summary.ts';
import { Terminal } from '../demo/terminal.ts';
import { untilSignal } from '../until-signal.ts';

interface Flags {
  readonly once: boolean;
  readonly summary?: string;
  readonly context?: string;
}

export async function demo(this: Context, { once, summary: summaryPath, context }: Flags): Promise<void> {
  const summary = emptySummary();
  // Written at once, so that a path that cannot be written fails now and not after minutes.
  if (summaryPath !== undefined) writeSummary(summaryPath, summary);
  const terminal = new Terminal(this.process.stdout);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new DemoInterrupted({}));
  this.process.on('SIGINT', interrupt).on('SIGTERM', interrupt);

  /** Ctrl-C ends the waiting here; before and after, it ends the demo. */
  const untilEnough = async () => {
    this.process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await untilSignal(this.process, 'SIGINT', 'SIGTERM');
    this.process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  };

  try {
    const stage = await buildStage(this, { context, terminal, summary, signal: interrupted.signal });
    {
      await using running = stage;
      await perform(running, { terminal, summary, signal: interrupted.signal, once, untilEnough });
    }
    summary.leftovers = [...summary.leftovers, ...(await stage.processesLeft())];
    if (summary.leftovers.length > 0) throw new DemoLeftovers({ leftovers: summary.leftovers });
  } catch (error) {
    throw interrupted.signal.aborted ? interrupted.signal.reason : error;
  } finally {
    this.process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    if (summaryPath !== undefined) writeSummary(summaryPath, summary);
  }
}

interface Performance {
  readonly terminal: Terminal;
  readonly summary: Summary;
  readonly signal: AbortSignal;
  readonly once: boolean;
  readonly untilEnough: () => Promise<void>;
}

async function perform(stage: Stage, { terminal, summary, signal, once, untilEnough }: Performance): Promise<void> {
  const play = new Play(stage, { terminal, summary, signal });
  try {
    await play.show(await play.opened());
    if (once) {
      await play.synchronize();
      await play.closed();
      await play.reopened();
      await play.closed('closed-again');
    } else {
      terminal.say('\n  It stays up. Ctrl-C closes the pull request and shows that nothing is left.');
      await untilEnough();
      await play.closed();
    }
  } catch (error) {
    await play.abandon();
    throw error;
  }
  summary.leftovers = await stage.server.leftovers();
  if (summary.leftovers.length === 0)
    terminal.heading('Nothing is left: no object with our mark in the cluster, no open line in the ledger.');
}
