import type { EphemeraError } from '@ephemera/model';

export interface ExecOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The program and its arguments, as they are: no shell is in between. It stands in the address of the request: no secrets here. */
  readonly command: readonly string[];
  /** Whether its standard input is connected. Default true. */
  readonly stdin?: boolean;
  /** From the call to an open stream. Default 10 s. */
  readonly handshakeTimeoutMs?: number;
  /**
   * How often the other side is asked whether it is there. Two questions without an answer end the stream; twelve after something was
   * written, as the cluster answers none while the program leaves its input alone. Default 10 s.
   */
  readonly pingEveryMs?: number;
  /** Ends it, whenever it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** One program that runs in a container, and the stream to it. The program goes on when the stream breaks or is closed. */
export interface ExecStream {
  /**
   * What it writes, for one reader. While nobody takes it, the cluster is held back and the program waits.
   * Ends only where the program has ended or `close` was called; throws where the stream broke (`kube.unreachable`), where the cluster
   * could not run the program (`kube.container_not_ready`, `kube.exec_failed`), and what `signal` was aborted with.
   */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** The last 4 KiB of what it wrote to its standard error, for messages. */
  stderrText(): string;
  /** Resolves when there is room for more, and the bytes may be overwritten. Throws when the stream has ended, and a `TypeError` when standard input is closed. */
  write(bytes: Uint8Array): Promise<void>;
  /** Its standard input ends there, after everything that was written before. A second time changes nothing. */
  closeStdin(): Promise<void>;
  /**
   * From now on the stream alone does not keep the process alive, whoever waits for it: for a caller that keeps it open for later, and
   * holds the process by other means while it wants something.
   */
  unref(): void;
  /** Ends the stream at once, and with it what is being read. Never throws. */
  close(): void;
  /** Never rejects. */
  readonly ended: Promise<ExecEnd>;
}

/** How a stream ended. */
export type ExecEnd =
  /** The cluster said so. 0 to 255; 128 + n where signal n ended it. */
  | { readonly kind: 'exited'; readonly exitCode: number }
  /** The cluster said why there is no result. */
  | { readonly kind: 'failed'; readonly message: string; readonly error: EphemeraError }
  /** Nobody knows what became of the program. */
  | { readonly kind: 'lost'; readonly problem: string; readonly error: EphemeraError };
