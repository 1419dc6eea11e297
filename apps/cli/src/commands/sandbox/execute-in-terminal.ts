import type { CommandHandle, CommandOptions, Sandbox } from '@ephemera/sandbox';
import { sandboxErrors } from '@ephemera/sandbox';
import type { Context } from '../../context.ts';
import { inCommandFlags } from './in-flags.ts';
import { rawMode } from './raw-mode.ts';
import { writerTo } from './writer-to.ts';

export interface TerminalExecution {
  readonly argv: readonly string[];
  readonly options: CommandOptions;
  readonly signal: AbortSignal;
  /** Whether it gets our standard input also where that is no terminal. */
  readonly reads: boolean;
}

/** Of a terminal that nobody looks at. */
const usualSize = { rows: 24, columns: 80 };

/**
 * Runs it in a terminal of the sandbox that has the size of ours. Ours is raw as long as it runs: Ctrl-C is a key for the program there, and
 * no signal here. Throws `sandbox.command_not_started` and what else keeps it from having an exit code.
 */
export async function executeInTerminal(
  { process, environment }: Context,
  sandbox: Sandbox,
  { argv, options, signal, reads }: TerminalExecution,
): Promise<number> {
  const { stdin, stdout } = process;
  const size = () => (stdout.isTTY ? { rows: stdout.rows || 24, columns: stdout.columns || 80 } : usualSize);
  const TERM = environment['TERM'];
  const env = { ...(TERM !== undefined && { TERM }), ...options.env };
  const handle = await inCommandFlags(sandbox.commands.start(argv, { ...options, env, terminal: size(), signal }));
  await using stack = new AsyncDisposableStack();
  const resize = (): void => void handle.resize(size()).catch(() => {});
  if (stdout.isTTY) {
    stdout.on('resize', resize);
    stack.defer(() => void stdout.off('resize', resize));
  }
  if (reads || stdin.isTTY) {
    stack.use(feedTerminal(process, handle));
    stack.use(rawMode(process));
  }
  try {
    const { exitCode } = await handle.wait({ onStdout: writerTo(stdout), maxOutputBytes: 0, signal });
    return exitCode;
  } catch (error) {
    // What cannot be reached goes on, and says so itself.
    if (!(error instanceof sandboxErrors.SandboxLost)) await handle.kill().catch(() => {});
    throw error;
  }
}

/** Gives it what is typed, byte for byte, until it is disposed. */
function feedTerminal({ stdin }: Context['process'], handle: CommandHandle): Disposable {
  // One after the other. What it does not take it reads no more, and its end says why.
  let last = Promise.resolve();
  const inOrder = (send: () => Promise<void>): void => {
    const before = last;
    last = (async () => {
      await before;
      await send().catch(() => {});
      stdin.resume();
    })();
  };
  const onData = (bytes: Buffer): void => {
    stdin.pause();
    inOrder(() => handle.write(bytes));
  };
  const onEnd = (): void => inOrder(() => handle.closeStdin());
  stdin.on('data', onData);
  stdin.on('end', onEnd);
  return {
    [Symbol.dispose]: () => {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      stdin.destroy();
    },
  };
}
