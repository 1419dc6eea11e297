import type { CommandResult } from '../../src/commands-api.ts';
import type { SandboxHost } from '../../src/host.ts';
import type { Sandbox } from '../../src/sandbox.ts';
import type { SandboxOptions } from '../../src/sandbox-options.ts';
import type { ProgramName } from './programs.ts';

/** What the contract is shown on. */
export interface Harness {
  readonly name: string;
  /** Where its sandboxes are, as another client sees them that no fault reaches. */
  readonly host: SandboxHost;
  /** A sandbox whose streams can be cut. */
  create(options?: Omit<SandboxOptions, 'on'>): Promise<Sandbox>;
  /** A stream that is cut after at most so many bytes is sometimes cut in its greeting, and mostly in the middle of commands. */
  readonly cutWithinBytes: number;
  /** How one of the programs is run there. */
  argv(program: ProgramName, ...args: readonly string[]): string[];
  readonly faults: HarnessFaults;
  /**
   * A client in a process of its own connects to the sandbox, starts this, waits for its end, and is killed with all that it holds once it
   * has read something. The command's id.
   */
  startElsewhereAndDie(sandbox: string, argv: readonly string[]): Promise<string>;
  /** A client in a process of its own connects to the sandbox and waits for a command. */
  waitElsewhere(sandbox: string, command: string): Promise<Pick<CommandResult, 'exitCode' | 'stdout' | 'timedOut'>>;
  /** Whatever is there of a sandbox, or of all of them: texts for people. Empty once they are removed. */
  left(sandbox?: string): Promise<readonly string[]>;
  /** Everything that objects of the cluster say of it, in one text. */
  written(sandbox: string): Promise<string>;
}

export interface HarnessFaults {
  /** Each stream, those that are open too, breaks after as many bytes from the sandbox as this says; undefined ends it. */
  cutStreamsAfter(sandbox: string, bytes: (() => number) | undefined): void;
  /** How many streams that has cut. */
  cuts(sandbox: string): number;
  /** Nothing answers, and all streams break, until `apiUp`. */
  apiDown(sandbox: string): Promise<void>;
  apiUp(sandbox: string): Promise<void>;
  /** How often a stream to it was asked for. */
  attempts(sandbox: string): number;
  deletePod(sandbox: string): Promise<void>;
  /** By the Eviction API. */
  evict(sandbox: string): Promise<void>;
  /** The kernel kills the whole sandbox for memory. */
  outOfMemory(sandbox: string): Promise<void>;
  /** Milliseconds of the sandbox's clock go by; where that is a real one, they are waited for. */
  passTime(sandbox: string, ms: number): Promise<void>;
}
