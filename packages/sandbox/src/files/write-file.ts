import type { Channel, Link } from '../link/link.ts';
import { type Content, pieceBytes } from './content.ts';
import { untilUnbroken } from './repeat.ts';
import { refuseFile } from './problem.ts';

export interface WriteFileOptions {
  readonly mode: number;
  readonly signal?: AbortSignal | undefined;
  /** How many bytes of it are on their way; less again where it is sent from its beginning once more. */
  readonly onBytes?: ((total: number) => void) | undefined;
}

interface Target {
  readonly link: Link;
  readonly path: Uint8Array;
}

/**
 * The file has its name when all of it has arrived, or stays as it was. Where the stream breaks it is sent again from its beginning,
 * unless the content can be had only once: then `sandbox.file` of kind `interrupted`.
 */
export async function writeFile(target: Target, content: Content, options: WriteFileOptions): Promise<void> {
  let committed = false;
  const onCommit = () => (committed = true);
  const whyNotAgain = () => {
    if (content.again) return undefined;
    return committed
      ? 'the connection broke before its end was confirmed, so it is there as a whole or not at all'
      : 'the connection broke, and its content can be read only once; nothing of it was kept';
  };
  try {
    await untilUnbroken(target.path, () => send(target, content, { ...options, onCommit }), whyNotAgain);
  } finally {
    content.close?.();
  }
}

async function send(
  { link, path }: Target,
  content: Content,
  { mode, signal, onBytes, onCommit }: WriteFileOptions & { readonly onCommit: () => void },
): Promise<void> {
  const channel = await link.open({ kind: 'write', path, mode }, { signal });
  const answers = listen(channel);
  const ended = answers.ended.then(() => refuseFile(path, 'io', 'the runner ended before the file did'));
  ended.catch(() => undefined);
  const pieces = content.pieces()[Symbol.asyncIterator]();
  try {
    // What is small goes along with the request, so that it costs one way there and back.
    if (content.size === undefined || content.size > pieceBytes) await Promise.race([answers.ready, ended]);
    let total = 0;
    onBytes?.(total);
    for (;;) {
      // A source that has nothing to give must not keep an error of the sandbox, or the signal, from being told.
      const next = await Promise.race([pieces.next(), ended]);
      if (next.done === true) break;
      await channel.send({ kind: 'chunk', data: next.value });
      total += next.value.length;
      onBytes?.(total);
    }
    onCommit();
    await channel.send({ kind: 'commit', total });
    await answers.ended;
  } finally {
    channel.cancel();
    pieces.return?.().catch(() => undefined);
  }
}

/** The answers as they come, also while the content is sent: a full disk is to end it at once. */
function listen(channel: Channel): { readonly ready: Promise<void>; readonly ended: Promise<void> } {
  const ready = Promise.withResolvers<void>();
  const read = async () => {
    for await (const answer of channel.answers) {
      if (answer.kind === 'ready') ready.resolve();
    }
  };
  const ended = read();
  ended.catch(() => undefined);
  return { ready: ready.promise, ended };
}
