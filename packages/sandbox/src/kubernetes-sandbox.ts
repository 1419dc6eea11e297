import { clusterHost } from './cluster/cluster-host.ts';
import { FileProblem, NotStarted, StartFailed } from './errors.ts';
import type { FileEntry } from './files-api.ts';
import { defaultImage } from './options/check-options.ts';
import { Sandbox } from './sandbox.ts';
import type { SandboxOptions } from './sandbox-options.ts';

export interface RunCommandOptions {
  /** Milliseconds. Then the whole tree of processes is killed, and the exit code is 124. Default 30,000. */
  readonly timeout?: number;
}

export interface RunCommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** Only where its time was over. */
  readonly timedOut?: true;
}

/** One `init` that was begun, until its `teardown` is done. */
interface Start {
  readonly made: Promise<Sandbox>;
  readonly scope: AbortController;
  ending: Promise<void> | undefined;
}

const defaultTimeoutMs = 30_000;
/** Of files that are read side by side. */
const atOnce = 16;
const workFolder = '/workspace';

/**
 * The sandbox of document 001: one shell in a Job. It is there, or it throws; nothing is ever made believe. What it is made on is `Sandbox`,
 * which can do more.
 */
export class KubernetesSandbox {
  /** Environment of all later commands, in addition to the image's. */
  envOverrides: Record<string, string> = {};
  readonly #options: SandboxOptions & { readonly image: string };
  #start: Start | undefined;
  #sandbox: Sandbox | undefined;

  /** `options`: as of `Sandbox.create`, for what the two others leave open. */
  constructor(
    image: string = defaultImage,
    namespace = 'default',
    options: Omit<SandboxOptions, 'image' | 'signal'> = {},
  ) {
    this.#options = { on: clusterHost({ namespace }), ...options, image };
  }

  /** Makes the Job, and returns when commands can be run. Once is enough. */
  async init(): Promise<void> {
    // One that is being torn down, or could not be, is removed first. Nothing is waited for otherwise: a teardown that comes now has to see this start.
    if (this.#start?.scope.signal.aborted) await this.teardown();
    const start = (this.#start ??= this.#begin());
    const made = await start.made;
    start.scope.signal.throwIfAborted();
    this.#sandbox = made;
  }

  /** One line for `/bin/sh`. A result is one, whatever the exit code; everything else throws. */
  async runCommand(command: string, { timeout = defaultTimeoutMs }: RunCommandOptions = {}): Promise<RunCommandResult> {
    const { commands } = this.#live();
    const { stdout, stderr, exitCode, timedOut } = await commands.shell(command, {
      timeoutMs: timeout,
      env: this.envOverrides,
    });
    return { stdout, stderr, exitCode, ...(timedOut && { timedOut }) };
  }

  /** The same as `runCommand`. */
  exec(command: string, options?: RunCommandOptions): Promise<RunCommandResult> {
    return this.runCommand(command, options);
  }

  /** Below the work folder; folders on the way are made. The file is there whole or not at all. */
  async writeFile(path: string, content: string | Uint8Array): Promise<void> {
    await this.#live().files.write(path, content);
  }

  /** As UTF-8. Throws where there is no such file. */
  async readFile(path: string): Promise<string> {
    return text(await this.#live().files.read(path));
  }

  /**
   * The files below a folder: path from there → content as UTF-8. What is removed meanwhile is left out. Throws `sandbox.file` where a name is
   * no UTF-8: two of them could look the same.
   */
  async listFiles(path = '.'): Promise<Map<string, string>> {
    const { files } = this.#live();
    const entries = (await files.list(path, { recursive: true })).filter(({ kind }) => kind === 'file');
    for (const entry of entries) assertText(entry);
    const listed = new Map<string, string>();
    for (let at = 0; at < entries.length; at += atOnce) {
      const contents = entries.slice(at, at + atOnce).map(async (entry) => {
        const below = path === '.' ? entry.rawPath : Buffer.concat([Buffer.from(`${path}/`), entry.rawPath]);
        return [entry.path, await files.read(below).then(text, unlessRemoved)] as const;
      });
      for (const [name, content] of await Promise.all(contents)) if (content !== undefined) listed.set(name, content);
    }
    return listed;
  }

  /** Where commands begin, in the sandbox. */
  getWorkDir(): string {
    return workFolder;
  }

  /** The same: its files are in the sandbox, and nowhere on this machine. */
  getLocalPath(): string {
    return workFolder;
  }

  /** The name of its Job; empty before `init`. */
  getId(): string {
    return this.#sandbox?.id ?? '';
  }

  /** Removes the Job with all that belongs to it, and returns when it is gone. At any time, also before and during `init`, and again. */
  teardown(): Promise<void> {
    const start = this.#start;
    if (start === undefined) return Promise.resolve();
    start.ending ??= this.#end(start).finally(() => (start.ending = undefined));
    return start.ending;
  }

  #begin(): Start {
    const scope = new AbortController();
    const made = Sandbox.create({ ...this.#options, signal: scope.signal });
    made.catch(() => {
      // The next `init` tries again.
      if (this.#start?.made === made) this.#start = undefined;
    });
    return { made, scope, ending: undefined };
  }

  async #end(start: Start): Promise<void> {
    const { image } = this.#options;
    const reason = 'teardown was called meanwhile.';
    start.scope.abort(
      new StartFailed({ image, diagnosis: 'torn_down', reason, remedy: 'Call init again.', again: true }),
    );
    const made = await start.made.catch(() => undefined);
    await made?.kill();
    // A start that failed has made room already, and another may have begun.
    if (this.#start !== start) return;
    this.#start = undefined;
    this.#sandbox = undefined;
  }

  #live(): Sandbox {
    if (this.#sandbox === undefined) throw new NotStarted({});
    return this.#sandbox;
  }
}

function assertText({ path, rawPath }: FileEntry): void {
  if (Buffer.from(path).equals(rawPath)) return;
  throw new FileProblem({ path, kind: 'no_text', problem: 'its name is no UTF-8' });
}

function unlessRemoved(thrown: unknown): undefined {
  if (thrown instanceof FileProblem && thrown.details['kind'] === 'missing') return undefined;
  throw thrown;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
