import { createReadStream } from 'node:fs';
import type { Context } from '../../context.ts';
import { BadInput } from '../../errors.ts';

/** Far more than any manifest that a cluster takes; keeps what never ends, such as a device, out of the memory. */
const mostBytes = 8 * 2 ** 20;

const longestPath = 200;

export type FileFlag = '--file' | '--docker-config' | '--token-file';

/** How messages name a file that may be `-`. */
export function nameOf(path: string): string {
  return path === '-' ? 'standard input' : path;
}

/** The text of a file, or of standard input for `-`. Throws `cli.bad_input` for what cannot be read, is too long or is no UTF-8. */
export async function readText({ process }: Context, path: string, flag: FileFlag): Promise<string> {
  const cannot = (problem: string, cause?: unknown) =>
    new BadInput(
      looksLikeContent(path)
        ? { problem: `The value of ${flag} cannot be read: ${problem}.`, hint: 'Give the path of a file, or -.' }
        : {
            problem: `${nameOf(path)} cannot be read: ${problem}.`,
            hint: 'Name a text file, or - for standard input.',
          },
      { cause },
    );
  if (path === '-' && process.stdin.isTTY) process.stderr.write('Reading from standard input; Ctrl-D ends it.\n');
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes > mostBytes) break;
    }
  } catch (error) {
    throw cannot(systemProblem(error));
  }
  if (bytes > mostBytes) throw cannot(`it is longer than ${mostBytes / 2 ** 20} MiB`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw cannot('it is no UTF-8 text', error);
  }
}

/** Whoever gives a flag the content instead of the file must not find credentials in the message. */
export function looksLikeContent(path: string): boolean {
  return path.length > longestPath || /[{}\r\n]/.test(path);
}

/** In the system's word, since its message quotes the path. The error is not kept as a cause for the same reason. */
export function systemProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return 'reading failed';
  return code in words ? `${words[code]} (${code})` : code;
}

const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
  ENAMETOOLONG: 'the name is too long',
};
