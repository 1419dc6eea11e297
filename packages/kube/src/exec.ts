import type { Connection } from './connection.ts';
import { Invalid, TooManyStreams, Unreachable } from './errors.ts';
import { attach, type Attached } from './exec/attach.ts';
import type { ExecOptions, ExecStream } from './exec/exec-stream.ts';
import { openWebSocket } from './exec/handshake.ts';
import { objectPath } from './kinds.ts';

/**
 * Starts a program in a running container and returns the stream to it. client-node's own is not used: it has no deadline for the
 * handshake, no ping, no backpressure, and takes a stream that broke for one that goes on.
 *
 * An API server that opens the stream before it has asked the node says later that the container is not there, or that there is no such
 * program: then `ended` is `failed`, and reading `stdout` throws the error.
 *
 * Throws `kube.container_not_ready` while container, pod or node are on their way, `kube.not_found` where the pod is not there,
 * `kube.too_many_streams`, `kube.deadline_exceeded` for the handshake, and what other calls throw. Nothing is tried again here: whether
 * the program was started is not known after a failure.
 */
export async function exec(connection: Connection, options: ExecOptions): Promise<ExecStream> {
  const { namespace, pod, container, command, stdin = true, signal } = options;
  const { handshakeTimeoutMs = 10_000, pingEveryMs = 10_000 } = options;
  const what = `Executing a command in ${container} of Pod ${pod} in ${namespace}`;
  if (command.length === 0) throw new Invalid({ what, reason: 'the command is empty.' });
  signal?.throwIfAborted();
  const { server, streams } = connection;

  const over = new AbortController();
  const place = streams.take(() => over.abort(new Unreachable({ server, problem: 'the connection was closed' })));
  if (place === 'closed') throw new Unreachable({ server, problem: 'the connection was closed' });
  if (place === 'full') throw new TooManyStreams({ server, most: streams.most });
  const either = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);

  let attached: Attached;
  const breakOff = () => attached.breakOff(either.reason as Error);
  const onEnd = () => {
    either.removeEventListener('abort', breakOff);
    place.leave();
  };
  try {
    const path = execPath({ ...options, stdin });
    const socket = await openWebSocket(connection, { path, what, timeoutMs: handshakeTimeoutMs, signal: either });
    attached = attach(socket, { server, what, stdin, pingEveryMs, onEnd });
  } catch (thrown) {
    place.leave();
    throw thrown;
  }
  either.addEventListener('abort', breakOff);
  if (either.aborted) breakOff();
  return attached.stream;
}

function execPath({ namespace, pod, container, command, stdin }: ExecOptions): string {
  const query = new URLSearchParams({ container, stdin: String(stdin), stdout: 'true', stderr: 'true' });
  for (const word of command) query.append('command', word);
  return `${objectPath({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod })}/exec?${query.toString()}`;
}
