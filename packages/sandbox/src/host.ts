import type { SandboxInfo, SandboxOptions } from './sandbox-options.ts';

/** Bytes in both directions, in order. What a sandbox is reached by, however it is reached. */
export interface ByteStream {
  /** Ends where the other side has closed it; throws where it broke. Read by one reader. */
  readonly readable: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more, and the bytes may be overwritten. Throws when the stream is broken. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends it at once; what is being read ends too. Never throws. */
  close(): void;
  /** From now on the open stream alone does not keep the process alive. Missing where it never does. */
  unref?(): void;
}

/** One sandbox on its host: where its runner is reached, and what the host knows of it. */
export interface SandboxPlace {
  readonly id: string;
  readonly info: SandboxInfo;
  /** A new stream to the runner. Throws typed errors; one that is not retryable, or `verdict`, ends all attempts. */
  open(signal: AbortSignal): Promise<ByteStream>;
  /**
   * Why it can no longer be reached, once that is certain: `sandbox.gone`, `sandbox.evicted`, `sandbox.expired`,
   * `sandbox.out_of_memory` and others. Undefined: as far as the host can tell it runs. Throws when the host cannot be asked.
   */
  verdict(signal: AbortSignal): Promise<Error | undefined>;
  /** Reads what the host knows now. Throws `sandbox.not_found`. */
  look(signal?: AbortSignal): Promise<SandboxInfo>;
  /** Moves the end to so many milliseconds from now, on the host; the runner is told by the caller. */
  extend(timeoutMs: number, signal?: AbortSignal): Promise<SandboxInfo>;
  /** Removes all of it, and returns when it is gone. It may be gone already. */
  remove(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Gives back what the connection to the host holds. */
  dispose(): Promise<void>;
}

export interface HostOptions extends Omit<SandboxOptions, 'on'> {
  /**
   * `sandbox-` and 10 hexadecimal digits, chosen by a host that writes down what it makes before it makes it. A sandbox of this id that is
   * there already is refused, not taken over. Default: drawn.
   */
  readonly id?: string | undefined;
}

/** Where sandboxes run: a cluster, an Ephemera server, or a fake for tests. */
export interface SandboxHost {
  create(options: HostOptions): Promise<SandboxPlace>;
  /** Throws `sandbox.not_found`, or `sandbox.not_yours`. */
  find(id: string, signal?: AbortSignal): Promise<SandboxPlace>;
  /** The living one that has this name of the user's. */
  findByName(name: string, signal?: AbortSignal): Promise<SandboxPlace | undefined>;
  list(signal?: AbortSignal): Promise<readonly SandboxInfo[]>;
}
