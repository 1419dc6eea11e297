import { EphemeraError } from '@ephemera/model';
import type { Sandbox } from '@ephemera/sandbox';

/** What is known about a change: that its tests pass, that they fail, or nothing. The last one is never taken for one of the others. */
export type Verdict =
  | { readonly known: 'passes' }
  | { readonly known: 'fails'; readonly because: string }
  | { readonly known: 'nothing'; readonly because: string; readonly again: boolean };

/** Runs `run-tests.sh` of a folder of this machine in the sandbox. */
export async function checkChange(
  sandbox: Sandbox,
  { folder, onOutput }: { readonly folder: string; readonly onOutput?: (bytes: Uint8Array) => void },
): Promise<Verdict> {
  try {
    await sandbox.files.upload(folder);
    const { exitCode, timedOut, stdout } = await sandbox.commands.run(['sh', 'run-tests.sh'], {
      timeoutMs: 120_000,
      ...(onOutput && { onStdout: onOutput }),
    });
    if (exitCode === 0) return { known: 'passes' };
    return { known: 'fails', because: timedOut ? 'they took more than two minutes' : lastLine(stdout) };
  } catch (error) {
    // The sandbox is gone, memory ran out, nobody could reach it: there is no result, neither a good one nor a bad one.
    if (!(error instanceof EphemeraError)) throw error;
    return { known: 'nothing', because: error.message, again: error.retryable };
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
