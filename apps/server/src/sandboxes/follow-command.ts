import { EphemeraError } from '@ephemera/model';
import type { CommandHandle, CommandResult } from '@ephemera/sandbox';
import type { FastifyBaseLogger } from 'fastify';
import type { ClientStream } from '../event-stream/client-stream.ts';
import { eventText, heartbeatText, type SentEvent } from '../event-stream/sse.ts';
import { Stopping } from './errors.ts';
import { outputEvents, type OutputPosition, type OutputStream } from './output-event.ts';
import { sandboxProblem } from './problem.ts';

export interface FollowCommand {
  readonly handle: CommandHandle;
  readonly stream: ClientStream;
  /** How much is known already. Undefined: it was just started, and nothing is. */
  readonly from: OutputPosition | undefined;
  /** Whether to go on until the command has ended. */
  readonly follow: boolean;
  readonly isRunning: () => Promise<boolean>;
  /** Aborted when the server stops. */
  readonly stop: AbortSignal;
  /** Aborted with an error when the token is no longer good. */
  readonly over: AbortSignal;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
  /** Default 10 000. The connection's own limit is 30 s without a byte, and many proxies have one of 60 s. */
  readonly heartbeatMs?: number;
}

/**
 * Sends what a command writes as events, until it ends: `stdout` and `stderr`, then one `exit`, or one `error`, where there is no result.
 * Without `follow` the last one is `running` where it has not ended. Settles with the error that was sent; never throws.
 */
export async function followCommand(options: FollowCommand): Promise<unknown> {
  const { handle, stream, from, stop, over, heartbeatMs = 10_000 } = options;
  const signal = AbortSignal.any([stream.gone, stop, over]);
  const send = (event: SentEvent): Promise<void> => stream.write(eventText(event), signal);
  const beats = setInterval(() => {
    if (!stream.isBehind()) void stream.write(heartbeatText, signal);
  }, heartbeatMs);
  const events = outputEvents(from ?? { stdout: 0, stderr: 0 });
  const told = async (name: OutputStream, bytes: Uint8Array, offset: number): Promise<void> => {
    for (const event of events.take(name, bytes, offset)) await send(event);
  };
  try {
    const result = from ? await continued(options, from, { signal, told }) : await wholeOf(handle, { signal, told });
    signal.throwIfAborted();
    for (const event of events.rest()) await send(event);
    await send(result ? { event: 'exit', data: exitData(result) } : { event: 'running', data: {} });
    return undefined;
  } catch (error) {
    const reason = reasonOf(error, { stop, over });
    if (!signal.aborted && !(error instanceof EphemeraError))
      options.log.error({ err: error }, 'following a command failed');
    await send({ event: 'error', data: sandboxProblem(reason).body });
    return reason;
  } finally {
    clearInterval(beats);
    stream.end();
  }
}

interface Telling {
  readonly signal: AbortSignal;
  readonly told: (stream: OutputStream, bytes: Uint8Array, offset: number) => Promise<void>;
}

/** In one go: what it writes, and how it ends. */
async function wholeOf(handle: CommandHandle, { signal, told }: Telling): Promise<CommandResult> {
  const at = { stdout: 0, stderr: 0 };
  const tell = (stream: OutputStream) => async (bytes: Uint8Array) => {
    const offset = at[stream];
    at[stream] += bytes.length;
    await told(stream, bytes, offset);
  };
  return handle.wait({ onStdout: tell('stdout'), onStderr: tell('stderr'), maxOutputBytes: 0, signal });
}

/** Undefined: it has not ended, and is not followed to its end. */
async function continued(
  { handle, follow, isRunning }: FollowCommand,
  from: OutputPosition,
  { signal, told }: Telling,
): Promise<CommandResult | undefined> {
  for await (const { stream, bytes, offset } of handle.logs({ from, follow, signal }))
    await told(stream, bytes, offset);
  if (!follow && (await isRunning())) return undefined;
  return handle.wait({ maxOutputBytes: 0, signal });
}

function reasonOf(error: unknown, { stop, over }: { readonly stop: AbortSignal; readonly over: AbortSignal }): unknown {
  if (stop.aborted) return new Stopping({});
  return over.aborted ? over.reason : error;
}

function exitData({ exitCode, signal, timedOut, output, startedAt, endedAt }: CommandResult): object {
  return {
    exit_code: exitCode,
    ...(signal === undefined ? {} : { signal }),
    timed_out: timedOut,
    stdout_bytes: output.stdout.total,
    stderr_bytes: output.stderr.total,
    started_at: startedAt,
    ended_at: endedAt,
  };
}
