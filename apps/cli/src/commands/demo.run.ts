import { messageOf } from '@ephemera/model';
import type { Context } from '../context.ts';
import { DemoLeftovers } from '../demo/errors.ts';
import { Play } from '../demo/play.ts';
import { buildStage, type Stage } from '../demo/stage.ts';
import { emptySummary, writeSummary, type Summary } from '../demo/summary.ts';
import { Terminal } from '../demo/terminal.ts';
import { takeSignals, type Interruption } from '../interruption.ts';

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
  // One for all of it: between two there would be a moment in which Ctrl-C is lost.
  using interruption = takeSignals(this.process);
  const { signal } = interruption;
  try {
    const stage = await buildStage(this, { context, terminal, summary, signal });
    {
      await using running = stage;
      await perform(running, { terminal, summary, once, interruption });
    }
    summary.leftovers = [...summary.leftovers, ...(await stage.processesLeft())];
    if (summary.leftovers.length > 0) throw new DemoLeftovers({ leftovers: summary.leftovers });
  } catch (error) {
    // Whatever the interruption broke on its way is no news; in the waiting at the end it is the way out, and nothing throws.
    throw signal.aborted && !(error instanceof DemoLeftovers) ? signal.reason : error;
  } finally {
    if (summaryPath !== undefined) writeSummary(summaryPath, summary);
  }
}

interface Performance {
  readonly terminal: Terminal;
  readonly summary: Summary;
  readonly once: boolean;
  readonly interruption: Interruption;
}

async function perform(stage: Stage, { terminal, summary, once, interruption }: Performance): Promise<void> {
  const play = new Play(stage, { terminal, summary, signal: interruption.signal });
  try {
    await play.show(await play.opened());
    if (once) {
      await play.synchronize();
      await play.closed();
      await play.reopened();
      await play.closed('closed-again');
    } else {
      const { EPHEMERA_URL, EPHEMERA_TOKEN } = stage.api;
      terminal.say('\n  In another terminal, `npx ephemera env list` and the other commands work with:');
      terminal.say(`  export EPHEMERA_URL=${EPHEMERA_URL} EPHEMERA_TOKEN=${EPHEMERA_TOKEN}`);
      terminal.say('\n  It stays up. Ctrl-C closes the pull request and shows that nothing is left.');
      await interruption.happened;
      await play.end();
    }
  } catch (error) {
    await tidyUp(stage, play, { terminal, summary });
    throw error;
  }
  summary.leftovers = await stage.server.leftovers();
  if (summary.leftovers.length === 0) {
    terminal.heading('Nothing is left: no object with our mark in the cluster, no open line in the ledger.');
  }
}

/** After trouble half way: what was made is removed all the same, and what could not be removed is named. */
async function tidyUp(
  stage: Stage,
  play: Play,
  { terminal, summary }: Pick<Performance, 'terminal' | 'summary'>,
): Promise<void> {
  const { server } = stage;
  await play.end().catch((error: unknown) => terminal.say(`closing did not finish: ${messageOf(error)}`));
  summary.leftovers = await server.leftovers().catch((error: unknown) => [`unknown: ${messageOf(error)}`]);
  if (summary.leftovers.length === 0) return;
  terminal.heading(`Still there, with the label ephemera.dev/instance=${server.instance}:`);
  for (const name of summary.leftovers) terminal.say(name);
}
