import { ProcessEnded, type FakeEnd } from '../program.ts';
import type { Pipe } from './pipe.ts';
import { endsByDefault, signalNumber } from './signals.ts';

/** What a process is started with. */
export interface ProcessSpec {
  /** The program first. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The command of the runner whose tree it belongs to. */
  readonly command: string;
  readonly stdin: Pipe;
  readonly stdout: Pipe;
  readonly stderr: Pipe;
  readonly terminal?: Terminal | undefined;
  readonly parent?: VirtualProcess | undefined;
  /** Whether it leads a session and a group of its own. */
  readonly leads: boolean;
}

export interface Terminal {
  rows: number;
  columns: number;
}

type Action = 'ignore' | (() => void | Promise<void>);

/** A process without its program: a place in the tree, signals, and an end. */
export class VirtualProcess {
  readonly pid: number;
  /** The pid of the process that leads its group. */
  readonly group: number;
  readonly spec: ProcessSpec;
  readonly ended: Promise<FakeEnd>;
  readonly #alive = new AbortController();
  readonly #actions = new Map<NodeJS.Signals, Action>();
  readonly #writes = new Set<Promise<void>>();
  readonly #release: readonly (() => void)[];
  #resolve: (end: FakeEnd) => void = () => {};
  #exiting = false;

  constructor(pid: number, spec: ProcessSpec) {
    this.pid = pid;
    this.spec = spec;
    this.group = spec.leads || spec.parent === undefined ? pid : spec.parent.group;
    this.#release = [spec.stdout.hold(), spec.stderr.hold()];
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
    // As the kernel does: what is ignored stays so in a child, and calls do not.
    for (const [name, action] of spec.parent?.actions ?? []) if (action === 'ignore') this.#actions.set(name, action);
  }

  get actions(): ReadonlyMap<NodeJS.Signals, Action> {
    return this.#actions;
  }

  /** Aborted with `ProcessEnded` at its end. */
  get alive(): AbortSignal {
    return this.#alive.signal;
  }

  get isAlive(): boolean {
    return !this.#alive.signal.aborted;
  }

  /** Throws in a program that should not be running any more. */
  readonly check = (): void => {
    if (!this.isAlive || this.#exiting) throw new ProcessEnded();
  };

  setAction(name: NodeJS.Signals, action: Action | 'default'): void {
    if (name === 'SIGKILL' || name === 'SIGSTOP') throw new Error(`${name} cannot be caught or ignored`);
    if (action === 'default') this.#actions.delete(name);
    else this.#actions.set(name, action);
  }

  /** False: it has ended already. */
  deliver(name: NodeJS.Signals): boolean {
    if (!this.isAlive) return false;
    const action = this.#actions.get(name);
    if (action === undefined) {
      if (endsByDefault(name)) this.end({ exitCode: 128 + (signalNumber(name) ?? 0), signal: name });
    } else if (action !== 'ignore') void this.#handle(action);
    return true;
  }

  /** Waits for something only as long as the process lives. A caller that does not wait for the result is no mistake. */
  whileAlive<Value>(promise: Promise<Value>): Promise<Value> {
    const { signal } = this.#alive;
    const result = new Promise<Value>((resolve, reject) => {
      const end = () => reject(new ProcessEnded());
      if (signal.aborted) return end();
      signal.addEventListener('abort', end, { once: true });
      void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
    });
    result.catch(() => {});
    return result;
  }

  write(pipe: Pipe, bytes: Uint8Array): Promise<void> {
    this.check();
    const write = pipe.write(bytes, this.#alive.signal).catch((error: unknown) => {
      this.deliver('SIGPIPE');
      throw error;
    });
    this.#writes.add(write);
    void write.catch(() => {}).finally(() => this.#writes.delete(write));
    return write;
  }

  /** Its own end, after what it has written. */
  async exit(exitCode: number): Promise<void> {
    this.#exiting = true;
    await Promise.allSettled(this.#writes);
    this.end({ exitCode: exitCode & 255 });
  }

  /** Its end at once. */
  end(end: FakeEnd): void {
    if (!this.isAlive) return;
    this.#alive.abort(new ProcessEnded());
    for (const pipe of [this.spec.stdout, this.spec.stderr]) pipe.forget(this.alive);
    for (const release of this.#release) release();
    this.#resolve(end);
  }

  async #handle(action: () => void | Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!this.isAlive || this.#exiting) return;
      void this.write(this.spec.stderr, Buffer.from(`${String(error)}\n`)).catch(() => {});
      await this.exit(1);
    }
  }
}
