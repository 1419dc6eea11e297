import { setTimeout as wait } from 'node:timers/promises';
import { orAborted } from '@ephemera/model';
import { clusterHost } from './cluster/cluster-host.ts';
import type { CommandHandle, Commands } from './commands-api.ts';
import { assertEnv } from './commands/check.ts';
import { createCommands } from './commands/create-commands.ts';
import { NameTaken } from './errors.ts';
import { createFiles } from './files/files.ts';
import type { Files } from './files-api.ts';
import type { SandboxHost, SandboxPlace } from './host.ts';
import { createLink, type Link } from './link/link.ts';
import { readMetrics, type SandboxMetrics } from './metrics.ts';
import { forward, type Forward, type ForwardOptions } from './ports/forward.ts';
import { waitForLog, type LogMatch, type WaitForLogOptions } from './ports/wait-for-log.ts';
import { waitForPort, type WaitForPortOptions } from './ports/wait-for-port.ts';
import type { SandboxInfo, SandboxOptions } from './sandbox-options.ts';

/** Where sandboxes are looked for. */
export interface FindOptions {
  /** Default: as for `SandboxOptions.on`. */
  readonly on?: SandboxHost;
  readonly signal?: AbortSignal;
}

export interface ConnectOptions extends FindOptions {
  /** Of the commands that this handle starts. Default: what the sandbox was given before. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Between two looks for a sandbox that somebody else has made first. */
const namePauseMs = 200;

/** A removal under way. It goes on for as long as one of its callers waits. */
interface Ending {
  readonly done: Promise<void>;
  readonly scope: AbortController;
  waiting: number;
}

/** What a sandbox is made of: where it is, and what its commands get. */
export interface SandboxParts {
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/**
 * One sandbox, from this process. `await using` ends it; `disconnect` leaves it running, to be found again by its id from anywhere.
 * Broken connections are mended without anybody noticing; what cannot be mended is a typed error of every call.
 */
export class Sandbox implements AsyncDisposable {
  readonly id: string;
  readonly commands: Commands;
  readonly files: Files;
  readonly #place: SandboxPlace;
  readonly #link: Link;
  #ending: Ending | undefined;

  constructor(place: SandboxPlace, { env }: SandboxParts = {}) {
    this.id = place.id;
    this.#place = place;
    this.#link = createLink(place, env === undefined ? {} : { env });
    this.commands = createCommands(this.#link);
    this.files = createFiles(this.#link);
  }

  /** Makes one, and returns once its runner has answered. One that does not get so far is removed again before this throws. */
  static async create({ on = clusterHost(), ...options }: SandboxOptions = {}): Promise<Sandbox> {
    return new Sandbox(await on.create(options), { env: options.env });
  }

  /** One that lives, whoever made it. Throws `sandbox.not_found`, `sandbox.not_yours`. */
  static async connect(id: string, { on = clusterHost(), env, signal }: ConnectOptions = {}): Promise<Sandbox> {
    assertEnv(env);
    return new Sandbox(await on.find(id, signal), { env });
  }

  static list({ on = clusterHost(), signal }: FindOptions = {}): Promise<readonly SandboxInfo[]> {
    return on.list(signal);
  }

  /** The living sandbox of this name, or a new one. However many ask at once, in however many processes: they get the same one. */
  static async getOrCreate(name: string, options: Omit<SandboxOptions, 'name'> = {}): Promise<Sandbox> {
    const { on = clusterHost(), ...rest } = options;
    assertEnv(rest.env);
    for (;;) {
      const found = await on.findByName(name, rest.signal);
      if (found) return new Sandbox(found, { env: rest.env });
      try {
        return await Sandbox.create({ ...rest, on, name });
      } catch (error) {
        // Somebody else was faster: theirs is found now, or has come to nothing already.
        if (!(error instanceof NameTaken)) throw error;
      }
      await wait(namePauseMs, undefined, { signal: rest.signal }).catch(() => rest.signal?.throwIfAborted());
    }
  }

  /** What the host knows of it now. */
  info(options: { readonly signal?: AbortSignal } = {}): Promise<SandboxInfo> {
    return this.#place.look(options.signal);
  }

  /** What it uses now, as the kernel counts it. */
  metrics(options: { readonly signal?: AbortSignal } = {}): Promise<SandboxMetrics> {
    return readMetrics(this.#link, options.signal);
  }

  /** Moves its end to so many milliseconds from now, sooner or later than it was. 1 second to 7 days. */
  async extend(timeoutMs: number, options: { readonly signal?: AbortSignal } = {}): Promise<SandboxInfo> {
    const info = await this.#place.extend(timeoutMs, options.signal);
    await this.#link.ask(
      { kind: 'expire', inMs: timeoutMs, idleMs: info.idleTimeoutMs ?? 0 },
      { repeat: true, ...options },
    );
    return info;
  }

  /** Until something in the sandbox listens at this port. Throws `sandbox.wait_timeout`. */
  waitForPort(port: number, options?: WaitForPortOptions): Promise<void> {
    return waitForPort(this.#link, port, options);
  }

  /** Until a line of the command's output fits. Throws `sandbox.wait_timeout`. */
  waitForLog(command: CommandHandle, pattern: string | RegExp, options?: WaitForLogOptions): Promise<LogMatch> {
    return waitForLog(command, pattern, options);
  }

  /** Makes a port of the sandbox reachable at 127.0.0.1 of this machine. */
  forward(port: number, options?: ForwardOptions): Promise<Forward> {
    return forward(this.#link, port, options);
  }

  /** Ends it with all that runs in it, and returns when nothing of it is left. It may be gone already. The signal ends this wait, not that of others. */
  async kill({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted();
    const ending = (this.#ending ??= this.#begin());
    ending.waiting += 1;
    try {
      await orAborted(ending.done, signal);
    } catch (error) {
      // The next one tries again, where nobody waits for this one any more.
      if (ending.waiting === 1 && this.#ending === ending) this.#ending = undefined;
      throw error;
    } finally {
      ending.waiting -= 1;
      if (ending.waiting === 0) ending.scope.abort();
    }
  }

  /** Lets go of it and leaves it running. */
  async disconnect(): Promise<void> {
    this.#link.dispose();
    await this.#place.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  #begin(): Ending {
    const scope = new AbortController();
    return { done: this.#end(scope.signal), scope, waiting: 0 };
  }

  async #end(signal: AbortSignal): Promise<void> {
    await this.#place.remove({ signal });
    await this.disconnect();
  }
}
