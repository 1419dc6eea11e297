import { setTimeout as delay } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import type { CommandOptions, StartOptions } from '../commands-api.ts';
import { SandboxLost } from '../errors.ts';
import type { Channel, Link } from '../link/link.ts';
import { RunnerError, StreamBroken } from '../link/runner-error.ts';
import type { Answer } from '../wire/answer.ts';
import type { RequestOf } from '../wire/request.ts';

/** Until the runner has been told to end a command that nobody wants any more; its caller waits for that. */
const stopWithinMs = 5_000;
/** A START that breaks every stream that carries it is given up after this. */
const inVainMs = 120_000;
/** After this a START that was under way on a broken stream has arrived, or never will. */
const lateStartMs = 250;
export const defaultGraceMs = 5_000;

/** One START, and how far it came. Its id makes it safe to send it twice. */
export interface Launch {
  readonly request: RequestOf<'start'>;
  /** Since when the runner may have it, by performance.now(). */
  sentAt: number | undefined;
  /** Whether the runner has said so. */
  confirmed: boolean;
  /** Whether a command of this id was there before, perhaps by an earlier sending of this one. */
  existed: boolean;
}

interface Input extends Pick<StartOptions, 'id' | 'terminal'> {
  readonly stdin: boolean;
}

export function newLaunch(argv: readonly string[], options: CommandOptions, input: Input): Launch {
  const { cwd = '', env = {}, timeoutMs = 0, graceMs = defaultGraceMs } = options;
  const { stdin, terminal, id = randomBytes(16).toString('hex') } = input;
  const request: RequestOf<'start'> = {
    kind: 'start',
    id,
    flags: { stdin, terminal: terminal !== undefined },
    timeoutMs,
    graceMs,
    rows: terminal?.rows ?? 0,
    columns: terminal?.columns ?? 0,
    cwd,
    argv,
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
  };
  return { request, sentAt: undefined, confirmed: false, existed: false };
}

/** Starts it, however often the stream breaks. Throws RunnerError where it cannot be started. */
export async function launch(link: Link, started: Launch, signal: AbortSignal | undefined): Promise<void> {
  while (!started.confirmed) {
    const channel = await link.open(started.request, { signal });
    started.sentAt ??= performance.now();
    await confirm(link, started, channel);
  }
}

/** The same, and reads from its first byte on: both leave in one write. Throws StreamBroken where that has to be done again. */
export async function launchAttached(
  link: Link,
  started: Launch,
  attach: RequestOf<'attach'>,
  signal: AbortSignal | undefined,
): Promise<Channel> {
  const [starting, attaching] = await Promise.allSettled([
    link.open(started.request, { signal }).then((channel) => {
      started.sentAt ??= performance.now();
      return channel;
    }),
    link.open(attach, { signal }),
  ]);
  if (starting.status === 'rejected') {
    if (attaching.status === 'fulfilled') attaching.value.cancel();
    throw starting.reason as Error;
  }
  try {
    for await (const answer of starting.value.answers) note(started, answer);
    if (!started.confirmed) throw new StreamBroken('START had no answer');
    if (attaching.status === 'rejected') throw attaching.reason as Error;
    return attaching.value;
  } catch (error) {
    if (attaching.status === 'fulfilled') attaching.value.cancel();
    throw error;
  }
}

/**
 * Ends a command whose caller wants it no more. Never throws: why the caller leaves is said already. A START that was cut off may still arrive after a
 * KILL that found nothing, so that one is sent again.
 */
export async function stop(link: Link, { request, sentAt, confirmed }: Launch): Promise<void> {
  if (sentAt === undefined) return;
  const { id, graceMs } = request;
  const options = { signal: AbortSignal.timeout(stopWithinMs), repeat: true };
  const kill = () => link.ask({ kind: 'kill', id, graceMs }, options);
  try {
    await kill();
  } catch (error) {
    if (confirmed || !(error instanceof RunnerError && error.problem === 'unknown_command')) return;
    await delay(lateStartMs);
    await kill().catch(() => undefined);
  }
}

async function confirm(link: Link, started: Launch, channel: Channel): Promise<void> {
  try {
    for await (const answer of channel.answers) note(started, answer);
  } catch (error) {
    // Another stream has to carry it again; that it was carried twice does no harm.
    if (!(error instanceof StreamBroken)) throw error;
    checkInVain(link, started, error);
  }
}

function note(started: Launch, answer: Answer): void {
  if (answer.kind !== 'started') return;
  started.confirmed = true;
  started.existed = answer.existed;
}

/** Throws SandboxLost where the START comes to nothing however often it is sent. */
export function checkInVain(link: Link, { sentAt, confirmed }: Launch, error: StreamBroken): void {
  const forMs = Math.round(performance.now() - (sentAt ?? performance.now()));
  if (!confirmed && forMs >= inVainMs)
    throw new SandboxLost({ id: link.id, forMs, problem: error.message }, { cause: error });
}
