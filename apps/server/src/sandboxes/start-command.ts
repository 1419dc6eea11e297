import { sandboxErrors, type CommandHandle, type Sandbox } from '@ephemera/sandbox';
import { argvOf, stdinOf, type RunBody } from './command-body.ts';
import { NoAnswer, StdinUnread } from './errors.ts';
import { inTime } from './in-time.ts';

const unreadMs = 15_000;

/**
 * Starts it, and sees to what it reads, until it has read it or the caller has no use for it: then `over` is aborted. Throws what
 * `commands.start` throws.
 */
export async function startCommand(
  { commands }: Pick<Sandbox, 'commands'>,
  body: RunBody,
  over: AbortSignal,
): Promise<CommandHandle> {
  const { id, cwd, env, timeout_ms: timeoutMs, grace_ms: graceMs, keep_stdin: keep = false } = body;
  const stdin = stdinOf(body);
  const handle = await commands.start(argvOf(body), {
    ...(id === undefined ? {} : { id }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    // 0 is a limit of none to the runner, and a mistake to whoever writes it.
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(graceMs === undefined ? {} : { graceMs }),
    stdin: keep || stdin !== undefined,
  });
  if (stdin !== undefined) {
    // It writes while it reads; one that ends without reading all of it is no failure.
    const written = writeAll(handle, stdin, { close: !keep, offset: 0, signal: over }).catch((error: unknown) => {
      if (!(error instanceof sandboxErrors.StdinClosed)) throw error;
    });
    if (body.detach) await readInTime(handle, written, { isNamed: id !== undefined });
    // What breaks it breaks the wait for the command as well, which says why.
    else written.catch(() => {});
  }
  return handle;
}

interface Reading {
  /** Whether the caller knows its id, and may send the rest. */
  readonly isNamed: boolean;
}

/** Nobody would be left to write the rest, so the command ends with the request, unless the caller has named it. */
async function readInTime(handle: CommandHandle, written: Promise<void>, { isNamed }: Reading): Promise<void> {
  try {
    await inTime(written, unreadMs);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    // It ends with the request.
    written.catch(() => {});
    if (!isNamed) await handle.kill().catch(() => {});
    throw new StdinUnread({ id: handle.id, seconds: unreadMs / 1000 }, { cause: error });
  }
}

export interface Writing {
  readonly close: boolean;
  /** Where the bytes stand. Default: after all that was taken. */
  readonly offset?: number | undefined;
  readonly signal?: AbortSignal;
}

/** Throws the reason of `signal`; then a part may have been taken. */
export async function writeAll(
  handle: CommandHandle,
  bytes: Uint8Array,
  { close, offset, signal }: Writing,
): Promise<void> {
  if (bytes.length > 0)
    await handle.write(bytes, { ...(offset !== undefined && { offset }), ...(signal && { signal }) });
  if (close) await handle.closeStdin(signal ? { signal } : {});
}
