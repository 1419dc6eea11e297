import type { Link } from '../link/link.ts';
import type { AnswerOf } from '../wire/answer.ts';
import { untilUnbroken } from './repeat.ts';
import { refuseFile } from './problem.ts';

const window = 1024 * 1024;
/** What a listing may hold of this process's memory: about two million files. */
const mostBytes = 256 * 1024 * 1024;
/** What an entry takes beside its path and target, about. */
const bytesBeside = 64;

interface ListFolderOptions {
  readonly recursive: boolean;
  readonly most?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A folder's entries, whole or not at all: a listing that breaks begins again. `sandbox.file` of kind `too_many` beyond `most`, and 256 MiB. */
export async function listFolder(
  link: Link,
  path: Uint8Array,
  { recursive, most = Infinity, signal }: ListFolderOptions,
): Promise<readonly AnswerOf<'entry'>[]> {
  return untilUnbroken(path, async () => {
    const channel = await link.open({ kind: 'list', path, recursive, window }, { signal });
    const entries: AnswerOf<'entry'>[] = [];
    let total = 0;
    let taken = 0;
    for await (const answer of channel.answers) {
      if (answer.kind !== 'entry') continue;
      // Copies: a view would keep the whole frame, or all that came with it, in memory.
      entries.push({ ...answer, path: Uint8Array.from(answer.path), target: Uint8Array.from(answer.target) });
      const bytes = bytesBeside + answer.path.length + answer.target.length;
      total += bytes;
      taken += bytes;
      if (entries.length > most) refuseFile(path, 'too_many', `it has more than ${most} entries`);
      if (total > mostBytes) refuseFile(path, 'too_many', 'it has too many entries to list them at once');
      if (taken < window / 2) continue;
      channel.credit(taken);
      taken = 0;
    }
    return entries;
  });
}
