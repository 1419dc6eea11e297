import { PortRefused } from '../errors.ts';
import type { ByteStream } from '../host.ts';
import type { Link } from '../link/link.ts';
import { RunnerError, StreamBroken } from '../link/runner-error.ts';
import { checkPort } from './check-port.ts';
import { PortConnection, portWindow } from './port-connection.ts';

/** A connection to a program in the sandbox. Each direction ends for itself. */
export interface PortStream extends ByteStream {
  /** No more is written; the program sees the end of what it reads, and may still write. */
  end(): Promise<void>;
}

export interface ConnectPortOptions {
  /** Also ends the connection later. */
  readonly signal?: AbortSignal | undefined;
}

/** Connects to a port of 127.0.0.1, else ::1, in the sandbox. Throws `sandbox.port_refused` where nobody listens. */
export async function connectPort(link: Link, port: number, { signal }: ConnectPortOptions = {}): Promise<PortStream> {
  checkPort(port);
  for (;;) {
    try {
      const channel = await link.open({ kind: 'connect', port, window: portWindow }, { signal });
      return await PortConnection.of(channel, port);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof RunnerError) throw refused(error, port);
      // Nothing was sent yet: a second connection does no harm.
      if (!(error instanceof StreamBroken)) throw error;
    }
  }
}

function refused(error: RunnerError, port: number): Error {
  const problem = error.problem === 'port_refused' ? 'connection refused' : `${error.problem} (errno ${error.errno})`;
  return new PortRefused({ port, problem }, { cause: error });
}
