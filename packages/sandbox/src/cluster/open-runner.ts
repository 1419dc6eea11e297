import type { Pod } from '@ephemera/model';
import type { ByteStream } from '../host.ts';
import { containerName } from '../objects/names.ts';
import { serveCommand } from '../objects/pod.ts';
import { byteStreamOf } from './exec-stream.ts';
import type { Setting } from './setting.ts';

/**
 * A stream to the runner in this pod, handed to `use` first. `signal` counts until that is done, and never again: a stream outlives the
 * deadline of its opening. Where `use` throws, the stream is closed.
 */
export async function openRunner<Result>(
  { cluster, namespace }: Pick<Setting, 'cluster' | 'namespace'>,
  pod: Pod,
  { signal, use }: { readonly signal: AbortSignal; readonly use: (stream: ByteStream) => Result | Promise<Result> },
): Promise<Result> {
  signal.throwIfAborted();
  const scope = new AbortController();
  const stop = (): void => scope.abort(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    const exec = await cluster.exec({
      namespace,
      pod: pod.metadata.name,
      container: containerName,
      command: serveCommand,
      signal: scope.signal,
    });
    try {
      return await use(byteStreamOf(exec));
    } catch (thrown) {
      exec.close();
      throw thrown;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
