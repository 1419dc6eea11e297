import { kubeErrors, type ExecStream } from '@ephemera/kube';
import type { ByteStream } from '../host.ts';

/**
 * The stream to a program that the cluster runs for us, as bytes in both directions. Of the program nothing counts but the bytes: where it
 * ends, whatever with, the other side is gone.
 */
export function byteStreamOf(exec: ExecStream): ByteStream {
  return {
    readable: bytesOf(exec),
    write: (bytes) => exec.write(bytes),
    close: () => exec.close(),
    unref: () => exec.unref(),
  };
}

async function* bytesOf(exec: ExecStream): AsyncGenerator<Uint8Array, void, undefined> {
  yield* exec.stdout;
  const end = await exec.ended;
  if (end.kind === 'exited' && end.exitCode !== 0) {
    const said = exec.stderrText().trim();
    throw new kubeErrors.ExecFailed({
      what: 'Reaching the runner',
      reason: `it ended with ${end.exitCode}${said === '' ? '' : `: ${said}`}`,
    });
  }
}
