import type { CommandHandle, Sandbox } from '@ephemera/sandbox';
import { argvOf, stdinOf, type RunBody } from './command-body.ts';

/** Starts it, and sees to what it reads. Throws what `commands.start` throws. */
export async function startCommand({ commands }: Pick<Sandbox, 'commands'>, body: RunBody): Promise<CommandHandle> {
  const { cwd, env, timeout_ms: timeoutMs, grace_ms: graceMs, keep_stdin: keep = false } = body;
  const stdin = stdinOf(body);
  const handle = await commands.start(argvOf(body), {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    // 0 is a limit of none to the runner, and a mistake to whoever writes it.
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(graceMs === undefined ? {} : { graceMs }),
    stdin: keep || stdin !== undefined,
  });
  if (stdin !== undefined) {
    // It writes while it reads; one that ends without reading all of it is no failure.
    const written = writeAll(handle, stdin, !keep).catch(() => {});
    if (body.detach) await written;
  }
  return handle;
}

export async function writeAll(handle: CommandHandle, bytes: Uint8Array, close: boolean): Promise<void> {
  if (bytes.length > 0) await handle.write(bytes);
  if (close) await handle.closeStdin();
}
