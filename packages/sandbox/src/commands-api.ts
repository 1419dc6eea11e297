/** How commands are run, whatever runs them. */
export interface CommandOptions {
  /** Absolute, or below the work folder. Default: the work folder. */
  readonly cwd?: string;
  /** In addition to the image's and the sandbox's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Then the whole tree of processes gets SIGTERM, and SIGKILL `graceMs` later; the exit code is 124. Default: no limit. */
  readonly timeoutMs?: number;
  /** Default 5,000. */
  readonly graceMs?: number;
}

export interface RunOptions extends CommandOptions {
  /** What it reads. Default: nothing, its standard input is at its end. */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Called in order with what it writes; the next piece waits for what this returns. */
  readonly onStdout?: (bytes: Uint8Array) => void | Promise<void>;
  readonly onStderr?: (bytes: Uint8Array) => void | Promise<void>;
  /** Of each stream, its end, is kept for the result; what is more is counted only. Default 16 MiB. 0 keeps nothing. */
  readonly maxOutputBytes?: number;
  /** Kills the tree and throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A result exists only where the runner has told how the command ended. Everything else is an error. */
export interface CommandResult {
  /** 0 to 255; 128 + n where signal n ended it; 124 where its time was over. */
  readonly exitCode: number;
  /** For example `SIGKILL`. */
  readonly signal?: string;
  readonly timedOut: boolean;
  /** As UTF-8; bytes that are none become U+FFFD. */
  readonly stdout: string;
  readonly stderr: string;
  readonly output: { readonly stdout: CommandOutput; readonly stderr: CommandOutput };
  /** ISO 8601, the sandbox's clock. */
  readonly startedAt: string;
  readonly endedAt: string;
}

export interface CommandOutput {
  /** The last bytes, at most `maxOutputBytes`. */
  readonly bytes: Uint8Array;
  /** How many bytes it wrote in all. */
  readonly total: number;
  /** Whether `bytes` is less than all of it. */
  readonly truncated: boolean;
}

export interface StartOptions extends CommandOptions {
  /**
   * 1 to 64 of A-Z, a-z, 0-9, `_` and `-`. Where a command of this id is there already it is not started again, and the handle is to that one: a
   * start whose answer was lost may be asked for again, as long as the runner knows the command: all that run, and the last 1,024 that have ended. Throws `sandbox.invalid` where that one has other arguments (of which the first 4 KiB are compared). Default: an id of its own.
   */
  readonly id?: string;
  /** Whether `write` and `closeStdin` will be used. Default false: standard input is at its end. */
  readonly stdin?: boolean;
  /** A terminal of this size instead of pipes: both outputs come as one, standard input stays open. */
  readonly terminal?: { readonly rows: number; readonly columns: number };
  /**
   * Until it is started: then its tree is killed, unless it has an `id` of the caller's, who may have started it before; and the signal's reason
   * thrown. Afterwards it has no effect.
   */
  readonly signal?: AbortSignal;
}

export interface WriteInputOptions {
  /**
   * How many bytes were written before these. What was taken already is not taken again, so that a write whose answer was lost may be repeated.
   * Throws `sandbox.invalid` where less than that has been taken. Default: after all that was.
   */
  readonly offset?: number;
  readonly signal?: AbortSignal;
}

export interface LogChunk {
  readonly stream: 'stdout' | 'stderr';
  /** Of its first byte in its stream. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface LogOptions {
  /** How many bytes of each stream are known already. Default none. */
  readonly from?: { readonly stdout?: number; readonly stderr?: number };
  /** Whether to go on until the command has ended. Default true. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

export interface WaitOptions extends Pick<RunOptions, 'onStdout' | 'onStderr' | 'maxOutputBytes'> {
  /** Gives up waiting; the command goes on. */
  readonly signal?: AbortSignal;
}

/** A command that runs, or has run; it does not end with whoever started it. */
export interface CommandHandle {
  readonly id: string;
  /** May be called again, and by several at once. */
  wait(options?: WaitOptions): Promise<CommandResult>;
  /** SIGTERM to the whole tree, SIGKILL `graceMs` (default 5,000) later. With `signal` that one only. Returns when it is sent. */
  kill(options?: { readonly signal?: NodeJS.Signals; readonly graceMs?: number }): Promise<void>;
  /**
   * What it writes. Throws `sandbox.output_lost` where bytes after `from` are no longer kept: what nobody reads is bounded.
   */
  logs(options?: LogOptions): AsyncGenerator<LogChunk, void, undefined>;
  /**
   * Resolves when the command can read it. Throws `sandbox.stdin_closed`, and the reason of `signal`: then a part may have been taken.
   * For one writer at a time.
   */
  write(bytes: string | Uint8Array, options?: WriteInputOptions): Promise<void>;
  /** Resolves when the command can read all that was written before. The reason of `signal` ends the wait. */
  closeStdin(options?: { readonly signal?: AbortSignal }): Promise<void>;
  resize(size: { readonly rows: number; readonly columns: number }): Promise<void>;
}

export interface CommandInfo {
  readonly id: string;
  readonly argv: readonly string[];
  readonly state: 'running' | 'ended';
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly exitCode?: number;
}

export interface Commands {
  /** Runs a program and waits for its end. No shell: every argument arrives as it is. */
  run(argv: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** The same by `/bin/sh -c`, which the image has to have. Never build the text out of what others wrote. */
  shell(script: string, options?: RunOptions): Promise<CommandResult>;
  start(argv: readonly string[], options?: StartOptions): Promise<CommandHandle>;
  /** A command by its id, also from another process. Throws `sandbox.command_unknown`. */
  connect(id: string): Promise<CommandHandle>;
  list(): Promise<readonly CommandInfo[]>;
}
