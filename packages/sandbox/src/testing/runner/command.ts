import type { AnswerOf, OutputStream } from '../../wire/answer.ts';
import type { RequestOf } from '../../wire/request.ts';
import type { Clock } from '../machine/clock.ts';
import type { Machine } from '../machine/machine.ts';
import { Pipe } from '../machine/pipe.ts';
import type { Terminal, VirtualProcess } from '../machine/process.ts';
import { signalName, signalNumber } from '../machine/signals.ts';
import type { FakeEnd } from '../program.ts';
import { turn } from '../turn.ts';
import { Change } from './change.ts';
import { RunnerFault } from './fault.ts';
import { KeptOutput } from './kept-output.ts';
import { Stdin } from './stdin.ts';

/** How long the output of a command that has ended is waited for where somebody else still holds it open. */
const outputGraceMs = 250;

/** So much is read of one output before others have their turn. */
const piecesInARow = 16;

/** How long a reader that takes nothing is waited for. */
const patienceMs = 10_000;

/** Somebody who wants all output, and has what was written up to here. */
export interface Follower {
  readonly at: Readonly<Record<OutputStream, number>>;
  /** When it last took something, on the sandbox's clock. */
  readonly lastTook: number;
}

export interface CommandParts {
  readonly machine: Machine;
  /** What the sandbox's commands get, and this one's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** How much of each stream is kept. */
  readonly keepBytes: number;
  /** Gives up old output where all commands together keep too much; called after each piece. */
  readonly trim: (command: Command) => void;
  /** Whether there is disk for one more byte of output. */
  readonly hasRoom: () => boolean;
}

/** One command: a tree of processes, what it has written, and how it ended. */
export class Command {
  readonly id: string;
  readonly argv: readonly string[];
  readonly startedAt: number;
  readonly pid: number;
  readonly output: Readonly<Record<OutputStream, KeptOutput>> = { stdout: new KeptOutput(), stderr: new KeptOutput() };
  readonly stdin: Stdin;
  readonly terminal: Terminal | undefined;
  /** Told at each piece of output, at its end, and when a follower has taken something. */
  readonly change = new Change();
  readonly followers = new Set<Follower>();
  /** How many are reading it. */
  attached = 0;
  /** Its end, once that is known with all of its output; never where the sandbox's end began before that. */
  exit: AnswerOf<'exit'> | undefined;
  #settled = false;
  #cutOff = false;
  #timedOut = false;
  #killed = false;
  #sentSignal: NodeJS.Signals | undefined;
  #outOfMemory = false;
  #diskFull = false;
  readonly #machine: Machine;
  readonly #clock: Clock;
  readonly #parts: CommandParts;

  /** Throws StartRefused. */
  constructor(request: RequestOf<'start'>, parts: CommandParts) {
    const { machine, env, cwd } = parts;
    this.id = request.id;
    this.argv = request.argv;
    this.#machine = machine;
    this.#clock = machine.clock;
    this.#parts = parts;
    this.stdin = new Stdin(request.flags.stdin || request.flags.terminal);
    this.terminal = request.flags.terminal ? { rows: request.rows, columns: request.columns } : undefined;
    this.startedAt = this.#clock.now();
    const stdout = new Pipe();
    const stderr = this.terminal === undefined ? new Pipe() : stdout;
    const process = machine.start({
      argv: request.argv,
      env: { ...env, EPHEMERA_COMMAND: request.id },
      cwd,
      command: request.id,
      stdin: this.stdin.pipe,
      stdout,
      stderr,
      terminal: this.terminal,
      leads: true,
    });
    this.pid = process.pid;
    const read = [this.#read('stdout', stdout), ...(stderr === stdout ? [] : [this.#read('stderr', stderr)])];
    void this.#settle(process, Promise.all(read));
    if (request.timeoutMs > 0) this.#limit(request.timeoutMs, request.graceMs, process);
  }

  get running(): boolean {
    return !this.#settled;
  }

  get tree(): readonly VirtualProcess[] {
    return this.#machine.treeOf(this.id);
  }

  /** To all, or to the first process's group, which counts as one. How many got it. */
  signal(number: number, whole: boolean): number {
    if (number < 1 || number > 64) throw new RunnerFault('bad_request', 'signals are 1 to 64');
    const name = signalName(number);
    if (name === undefined) return 0;
    if (this.running) this.#sentSignal = name;
    const targets = whole ? this.tree : this.tree.filter(({ group }) => group === this.pid);
    const told = targets.filter((process) => process.deliver(name)).length;
    return whole ? told : Math.min(1, told);
  }

  kill(graceMs: number): number {
    if (this.running) this.#killed = true;
    return this.#endTree(graceMs);
  }

  /** The kernel has killed somebody for memory. */
  memoryRanOut(): void {
    if (this.running) this.#outOfMemory = true;
  }

  /** The sandbox is being ended: how it takes that is no result, and nobody is told. */
  cutOff(): void {
    this.#cutOff ||= this.running;
  }

  resize(rows: number, columns: number): void {
    if (this.terminal === undefined) throw new RunnerFault('bad_request', 'the command has no terminal');
    Object.assign(this.terminal, { rows, columns });
    for (const process of this.tree) process.deliver('SIGWINCH');
  }

  #limit(timeoutMs: number, graceMs: number, process: VirtualProcess): void {
    const cancel = this.#clock.after(timeoutMs, () => {
      this.#timedOut = true;
      this.#endTree(graceMs);
    });
    void process.ended.then(cancel);
  }

  /** SIGTERM now, and SIGKILL for those that are left after the grace. */
  #endTree(graceMs: number): number {
    const count = this.tree.filter((process) => process.deliver('SIGTERM')).length;
    const kill = () => {
      for (const process of this.tree) process.deliver('SIGKILL');
    };
    if (graceMs === 0) kill();
    else this.#clock.after(graceMs, kill);
    return count;
  }

  async #read(stream: OutputStream, pipe: Pipe): Promise<void> {
    let pieces = 0;
    for await (const bytes of pipe) {
      pieces += 1;
      if (pieces % piecesInARow === 0) await turn();
      if (!this.#parts.hasRoom()) {
        this.#diskFull = true;
        this.output[stream].lose(bytes.length);
        continue;
      }
      this.output[stream].append(bytes);
      this.change.tell();
      await this.#untilTaken(stream);
      this.#parts.trim(this);
    }
  }

  /** While a follower is behind by more than is kept, and still takes something, nothing is lost: the command waits. */
  async #untilTaken(stream: OutputStream): Promise<void> {
    for (;;) {
      const mostWaiting = this.output[stream].total - this.#parts.keepBytes;
      const now = this.#clock.now();
      const waitedFor = [...this.followers].filter(
        ({ at, lastTook }) => at[stream] < mostWaiting && now - lastTook < patienceMs,
      );
      if (waitedFor.length === 0) return;
      const abort = new AbortController();
      const latest = Math.max(...waitedFor.map(({ lastTook }) => lastTook + patienceMs));
      const cancel = this.#clock.after(latest - now, () => abort.abort());
      await this.change.next(abort.signal);
      cancel();
    }
  }

  async #settle(process: VirtualProcess, outputRead: Promise<unknown>): Promise<void> {
    const end = await process.ended;
    const endedAt = this.#clock.now();
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(outputGraceMs, resolve);
      void outputRead.then(() => {
        cancel();
        resolve();
      });
    });
    this.stdin.abandon();
    this.#settled = true;
    if (!this.#cutOff) this.exit = this.#exitOf(end, endedAt);
    this.change.tell();
  }

  #exitOf({ exitCode, signal }: FakeEnd, endedAt: number): AnswerOf<'exit'> {
    return {
      kind: 'exit',
      ending: signal === undefined ? 'exited' : 'signal',
      code: signal === undefined ? exitCode : (signalNumber(signal) ?? 0),
      flags: {
        timedOut: this.#timedOut,
        killed: this.#killed || (signal !== undefined && signal === this.#sentSignal),
        outOfMemory: this.#outOfMemory,
        diskFull: this.#diskFull,
      },
      startedAt: this.startedAt,
      endedAt,
      stdoutBytes: this.output.stdout.total,
      stderrBytes: this.output.stderr.total,
    };
  }
}
