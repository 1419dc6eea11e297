import { SandboxLost } from '../errors.ts';
import type { CommandResult, RunOptions } from '../commands-api.ts';
import type { Link } from '../link/link.ts';
import { checkCollect, checkCommand, checkStdin, refuse } from './check.ts';
import { collect, type Collected } from './collect.ts';
import { feed } from './feed.ts';
import { follow } from './follow.ts';
import { type Launch, newLaunch, stop } from './launch.ts';
import { resultOf } from './result.ts';
import { StdinSender } from './stdin-sender.ts';
import { commandError } from './translate.ts';

/** Starts it, reads it to its end, and leaves nothing running when that cannot be done. */
export async function run(link: Link, argv: readonly string[], options: RunOptions): Promise<CommandResult> {
  const what = 'Running the command';
  refuse(what, [...checkCommand(argv, options), ...checkCollect(options), ...checkStdin(options.stdin)]);
  options.signal?.throwIfAborted();
  const started = newLaunch([...argv], options, { stdin: options.stdin !== undefined });
  const program = String(argv[0]);
  try {
    const { exit, tails } = await untilEnd(link, started, options);
    return resultOf(exit, program, tails);
  } catch (error) {
    throw commandError(error, { id: started.request.id, program });
  }
}

async function untilEnd(link: Link, started: Launch, options: RunOptions): Promise<Collected> {
  const { stdin } = options;
  const { id } = started.request;
  const scope = new AbortController();
  const { signal } = scope;
  const onAbort = () => scope.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const onStarted = () => {
    if (stdin === undefined) return;
    const sender = new StdinSender(link, id, { sole: true, signal });
    feed(sender, stdin, signal).catch((error: unknown) => scope.abort(error));
  };
  try {
    const events = follow(link, { id, started, follow: true, signal, onStarted });
    return await collect(events, { ...options, signal });
  } catch (error) {
    // What cannot be reached cannot be told: it goes on, as the error says.
    if (!(error instanceof SandboxLost)) await stop(link, started);
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    scope.abort();
  }
}
