import type { Link } from '../link/link.ts';
import { StreamBroken } from '../link/runner-error.ts';
import type { AnswerOf } from '../wire/answer.ts';
import { ask } from './repeat.ts';
import { fileProblem, refuseFile } from './problem.ts';

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** How many bytes may be under way. Default 4 MiB: full speed at 10 ms there and back. */
  readonly window?: number | undefined;
}

type Opened = AnswerOf<'entry'>;

const defaultWindow = 4 * 1024 * 1024;
/** A file of size 0 with content is one of the kernel's; what says more than this in that way is a sandbox that wants to fill a disk. */
const mostWithoutSize = 64 * 1024 * 1024;
/** Breaks in a row in which not one byte came. */
const mostBreaks = 50;

/**
 * A file's content as it was when it was opened: what is appended meanwhile does not count, and what becomes shorter is `changed`.
 * A broken stream is resumed at the byte where it broke, as long as it is the same file in the same version.
 */
export async function* readFile(
  link: Link,
  path: Uint8Array,
  options: ReadOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const reading = new Reading(path);
  let breaks = 0;
  while (!reading.done) {
    const before = reading.at;
    try {
      yield* part(link, reading, options);
    } catch (error) {
      if (!(error instanceof StreamBroken)) throw fileProblem(error, path);
      breaks = reading.at > before ? 0 : breaks + 1;
      if (breaks >= mostBreaks) refuseFile(path, 'interrupted', `the connection broke ${mostBreaks} times`);
    }
  }
  const { opened } = reading;
  if (opened !== undefined && reading.at < opened.size) await checkSame(link, path, opened, options.signal);
}

/** What one stream brings. */
async function* part(link: Link, reading: Reading, { signal, window = defaultWindow }: ReadOptions) {
  const { path, at: from } = reading;
  const channel = await link.open({ kind: 'read', path, from, most: undefined, window }, { signal });
  let taken = 0;
  for await (const answer of channel.answers) {
    if (answer.kind === 'entry') reading.open(answer);
    if (answer.kind !== 'data') continue;
    const piece = reading.take(answer.data);
    if (piece.length > 0) yield piece;
    if (reading.done) return;
    taken += answer.data.length;
    // One frame for many: a credit for each piece would be as many frames as there is data.
    if (taken < window / 2) continue;
    channel.credit(taken);
    taken = 0;
  }
  reading.done = true;
}

class Reading {
  readonly path: Uint8Array;
  /** How many bytes the reader has. */
  at = 0;
  done = false;
  opened: Opened | undefined;

  constructor(path: Uint8Array) {
    this.path = path;
  }

  open(entry: Opened): void {
    if (entry.entry !== 'file') refuseFile(this.path, entry.entry === 'folder' ? 'folder' : 'no_file', 'it is no file');
    if (this.opened === undefined) this.opened = entry;
    else if (!isSame(this.opened, entry)) refuseFile(this.path, 'changed', 'it changed while it was read');
  }

  /** As much of a piece as belongs to the file that was opened. */
  take(data: Uint8Array): Uint8Array {
    const { opened } = this;
    if (opened === undefined) refuseFile(this.path, 'io', 'its content came before what it is');
    const most = opened.size === 0 ? mostWithoutSize : opened.size;
    const piece = data.subarray(0, most - this.at);
    this.at += piece.length;
    if (opened.size === 0 && piece.length < data.length) refuseFile(this.path, 'too_big', 'it has no size and no end');
    this.done = opened.size > 0 && this.at >= opened.size;
    return piece;
  }
}

/** Files of the kernel's may have less than they say; another one that ended early was made shorter. */
async function checkSame(link: Link, path: Uint8Array, opened: Opened, signal?: AbortSignal): Promise<void> {
  for (const answer of await ask(link, { kind: 'stat', path }, signal)) {
    if (answer.kind !== 'entry' || answer.entry !== 'file') continue;
    if (isSame(opened, answer)) return;
  }
  refuseFile(path, 'changed', 'it became shorter while it was read');
}

function isSame(one: Opened, other: Opened): boolean {
  return one.size === other.size && one.version === other.version;
}
