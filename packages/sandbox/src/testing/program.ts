import type { Duplex } from 'node:stream';
import type { SandboxPath } from '../files-api.ts';

/**
 * A program of the fake: a function that runs in the test's own process, with all that a program of a real sandbox has. What it returns is
 * its exit code, nothing is 0; what it throws goes to its standard error, and the code is 1. Or its outcome, where that is always the same;
 * a text is what it writes.
 */
export type FakeProgram = ((process: FakeProcess) => FakeExit | Promise<FakeExit>) | FakeOutcome | string;

// `void`, not `undefined`: a function without `return` is a program too.
type FakeExit = number | void;

export interface FakeOutcome {
  readonly stdout?: string | Uint8Array;
  readonly stderr?: string | Uint8Array;
  /** Default 0. */
  readonly exitCode?: number;
}

/**
 * One running program. Once the process has ended, by a signal or by `exit`, everything here throws `ProcessEnded`: a function cannot be
 * ended from outside, so it ends where it next asks for something. Waits for other things should take `ended`.
 */
export interface FakeProcess {
  readonly pid: number;
  /** The program's name first. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  readonly stdin: FakeInput;
  readonly stdout: FakeWriter;
  readonly stderr: FakeWriter;
  /** Rows and columns, where it has a terminal. They follow `resize`. */
  readonly terminal: { readonly rows: number; readonly columns: number } | undefined;
  /** Aborted when the process has ended. */
  readonly ended: AbortSignal;
  /** Of the whole sandbox; relative paths start at `cwd`. */
  readonly files: FakeFiles;
  /** What a signal does: nothing, what it does by default, or a call. SIGKILL and SIGSTOP cannot be changed. */
  onSignal(name: NodeJS.Signals, action: 'ignore' | 'default' | (() => void | Promise<void>)): void;
  /** Ends the process. Never returns. */
  exit(code: number): never;
  /** Another process, with this one's environment and outputs unless told otherwise. Throws where there is no such program. */
  spawn(argv: readonly string[], options?: FakeSpawnOptions): FakeChild;
  /** Sends a signal to a process of the sandbox; 0 only asks. False: there is none. */
  kill(pid: number, signal?: NodeJS.Signals | 0): boolean;
  /** On the sandbox's clock, which `faults.passTime` puts forward. */
  sleep(ms: number): Promise<void>;
  /** Never returns: the program runs until it is ended. */
  forEver(): Promise<never>;
  /** Answers at a port of the sandbox until the process ends. Throws where somebody listens there. */
  listen(port: number, onConnection: (socket: FakeSocket) => void | Promise<void>): void;
  /** Throws where nobody listens. */
  connect(port: number): FakeSocket;
  /** The kernel kills this process because the sandbox has no memory left. Never returns. */
  outOfMemory(): never;
}

export interface FakeInput extends AsyncIterable<Uint8Array> {
  /** All of it, to its end. */
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
}

export interface FakeWriter {
  /** Resolves when the sandbox has taken it; it waits where a reader is slow. The end of the program waits for all writes. */
  write(content: string | Uint8Array): Promise<void>;
}

export interface FakeSpawnOptions {
  /** In addition to the parent's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Leads a session and a group of its own, as `setsid` does. It stays in the command's tree all the same. */
  readonly session?: boolean;
  /** What it reads. Default: what the parent reads. `nothing`: it is at its end. */
  readonly stdin?: 'inherit' | 'nothing' | Uint8Array | AsyncIterable<Uint8Array>;
  /** Where it writes. Default: where the parent writes. `pipe`: the child's `stdout` and `stderr`, which have to be read. */
  readonly output?: 'inherit' | 'pipe' | 'nothing';
}

export interface FakeChild {
  readonly pid: number;
  /** With `output: 'pipe'`, else at their end. */
  readonly stdout: FakeInput;
  readonly stderr: FakeInput;
  /** How it ended: 128 + n where signal n ended it. */
  wait(): Promise<FakeEnd>;
  kill(signal?: NodeJS.Signals): boolean;
}

export interface FakeEnd {
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals;
}

/** One connection to a port. */
export interface FakeSocket {
  readonly readable: FakeInput;
  write(content: string | Uint8Array): Promise<void>;
  /** Nothing more is written; the other side may still write. */
  end(): void;
  /** The same as a stream of Node.js, instead of the calls above: for `server.emit('connection', socket.duplex())` of a real server. */
  duplex(): Duplex;
}

/** The files of the sandbox as its programs see them: nothing confines them, and only work folder, home and `/tmp` can be written to. */
export interface FakeFiles {
  read(path: SandboxPath): Uint8Array;
  readText(path: SandboxPath): string;
  /** Makes the folders on the way. */
  write(path: SandboxPath, content: string | Uint8Array, options?: { readonly mode?: number }): void;
  append(path: SandboxPath, content: string | Uint8Array): void;
  /** Names, sorted. */
  list(path?: SandboxPath): readonly string[];
  exists(path: SandboxPath): boolean;
  folder(path: SandboxPath): void;
  /** A symbolic link; it may lead anywhere, or nowhere. */
  link(path: SandboxPath, target: SandboxPath): void;
  /** What is neither file, folder nor link: a pipe, a socket, a device. */
  device(path: SandboxPath): void;
  remove(path: SandboxPath): void;
}

/** Thrown in a program whose process has ended. Let it through. */
export class ProcessEnded extends Error {
  constructor() {
    super('this process has ended');
    this.name = 'ProcessEnded';
  }
}
