import type { CommandOptions, Sandbox } from '@ephemera/sandbox';
import type { Context } from '../../context.ts';
import { executeInTerminal } from './execute-in-terminal.ts';
import { inCommandFlags } from './in-flags.ts';
import { writerTo } from './writer-to.ts';

/** How a command in a sandbox is run from this terminal or script. */
export interface CommandFlags {
  /** Whether it gets our standard input. Default: it reads nothing, and neither do we. */
  readonly stdin: boolean;
  readonly terminal: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly cwd?: string;
}

export interface Execution {
  readonly argv: readonly string[];
  readonly flags: CommandFlags;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Kills its tree; then the signal's reason is thrown. */
  readonly signal: AbortSignal;
}

/** Runs it with both streams apart and byte for byte, and returns its exit code. Throws where it has none. */
export async function execute(command: Context, sandbox: Sandbox, execution: Execution): Promise<number> {
  const { argv, flags, signal } = execution;
  const { process } = command;
  const options = commandOptionsOf(execution);
  if (flags.terminal) return executeInTerminal(command, sandbox, { argv, options, signal, reads: flags.stdin });
  try {
    const { exitCode } = await inCommandFlags(
      sandbox.commands.run(argv, {
        ...options,
        ...(flags.stdin && { stdin: process.stdin }),
        onStdout: writerTo(process.stdout),
        onStderr: writerTo(process.stderr),
        maxOutputBytes: 0,
        signal,
      }),
    );
    return exitCode;
  } finally {
    // Whoever holds the other end open must not keep us here.
    if (flags.stdin) process.stdin.destroy();
  }
}

export function commandOptionsOf({ flags: { timeout, cwd }, env }: Omit<Execution, 'signal'>): CommandOptions {
  return {
    ...(cwd !== undefined && { cwd }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(env !== undefined && { env }),
  };
}
