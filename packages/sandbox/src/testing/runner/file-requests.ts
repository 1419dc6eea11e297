import type { AnswerOf } from '../../wire/answer.ts';
import { DATA_BYTES } from '../../wire/limits.ts';
import type { RequestOf } from '../../wire/request.ts';
import { listed, type FileSystem } from '../files/file-system.ts';
import { bytesOf, FileRefused, pathOf, shown, type FileNode } from '../files/node.ts';
import { last, type Spot } from '../files/walk.ts';
import type { RunnerChannel } from './channel.ts';
import { RunnerFault } from './fault.ts';

export async function stat(files: FileSystem, { path }: RequestOf<'stat'>, channel: RunnerChannel): Promise<void> {
  const { node } = files.findForClient(pathOf(path), { follow: false });
  await channel.send(entryOf(existing(node, path), pathOf(path)));
}

export async function list(files: FileSystem, request: RequestOf<'list'>, channel: RunnerChannel): Promise<void> {
  const node = existing(files.findForClient(pathOf(request.path)).node, request.path);
  if (node.kind !== 'folder') throw new FileRefused('not_a_folder', shown(pathOf(request.path)));
  channel.allow(request.window);
  for (const entry of listed(node, request.recursive)) {
    const answer = entryOf(entry.node, entry.path);
    if (!(await channel.spendWhole(entryBytes(answer)))) return;
    await channel.send(answer);
  }
}

export async function read(files: FileSystem, request: RequestOf<'read'>, channel: RunnerChannel): Promise<void> {
  const { path, from, most = Infinity, window } = request;
  const node = existing(files.findForClient(pathOf(path)).node, path);
  if (node.kind === 'folder') throw new FileRefused('is_a_folder', shown(pathOf(path)));
  if (node.kind !== 'file') throw new FileRefused('not_a_file', shown(pathOf(path)));
  if ((node.mode & 0o400) === 0) throw new FileRefused('denied', shown(pathOf(path)));
  channel.allow(window);
  // As it is now: what is written later is another content.
  const content = node.content.subarray(from, from + Math.min(most, node.content.length));
  await channel.send(entryOf(node, pathOf(path)));
  for (let at = 0; at < content.length && !channel.isOver;) {
    const credit = await channel.spend(Math.min(DATA_BYTES, content.length - at));
    if (credit > 0) await channel.send({ kind: 'data', data: content.subarray(at, at + credit) });
    at += credit;
  }
}

/** The name is given at the end, to all of it; before that nobody sees anything of it. */
export async function write(
  files: FileSystem,
  { path, mode }: RequestOf<'write'>,
  channel: RunnerChannel,
): Promise<void> {
  const target = () => {
    const spot = placeOf(files, path, true);
    if (spot.node?.kind === 'folder') throw new FileRefused('is_a_folder', shown(pathOf(path)));
    if (spot.node?.kind === 'other') throw new FileRefused('not_a_file', shown(pathOf(path)));
    if (!last(spot.folders).writable) throw new FileRefused('denied', shown(pathOf(path)));
    return spot;
  };
  target();
  await channel.send({ kind: 'ready' });
  const chunks: Uint8Array[] = [];
  let arrived = 0;
  for (;;) {
    const request = await channel.next();
    if (request?.kind === 'chunk') {
      chunks.push(request.data);
      arrived += request.data.length;
      if (arrived > files.free) throw new FileRefused('no_space', shown(pathOf(path)));
    } else if (request?.kind === 'commit') {
      if (request.total !== arrived)
        throw new RunnerFault('short', `${arrived} bytes arrived, and not ${request.total}`);
      const { folders, name } = target();
      return files.put(last(folders), name, files.newFile(Buffer.concat(chunks), mode & 0o777));
    } else return;
  }
}

export async function remove(files: FileSystem, { path }: RequestOf<'remove'>, channel: RunnerChannel): Promise<void> {
  await channel.send({ kind: 'done', count: files.remove(found()) });

  function found() {
    try {
      return placeOf(files, path, false);
    } catch (error) {
      // A folder on the way that is not there: then neither is what is below it.
      if (error instanceof FileRefused && error.code === 'no_such_file')
        return { folders: [], name: '', node: undefined };
      throw error;
    }
  }
}

export function folder(files: FileSystem, { path, mode }: RequestOf<'folder'>): void {
  try {
    const { folders, name, node } = files.findForClient(pathOf(path), { make: files.makeFolder });
    if (node === undefined) files.put(last(folders), name, files.newFolder(mode & 0o7777));
    else if (node.kind === 'folder') node.mode = mode & 0o7777;
    else throw new FileRefused('exists', shown(pathOf(path)));
  } catch (error) {
    const isInTheWay = error instanceof FileRefused && error.code === 'not_a_folder';
    throw isInTheWay ? new FileRefused('exists', shown(pathOf(path))) : error;
  }
}

export function link(files: FileSystem, { path, target }: RequestOf<'link'>): void {
  if (target.length === 0 || target.includes(0)) throw new FileRefused('bad_path', shown(pathOf(target)));
  const { folders, name, node } = placeOf(files, path, true);
  if (node !== undefined && node.kind !== 'link') throw new FileRefused('exists', shown(pathOf(path)));
  files.put(last(folders), name, files.newLink(pathOf(target)));
}

/** Where an entry is or will be; the entry's own link is not followed. */
function placeOf(files: FileSystem, path: Uint8Array, make: boolean): Spot {
  const text = pathOf(path);
  const name = text.split('/').findLast((part) => part !== '') ?? '';
  if (['', '.', '..'].includes(name)) throw new FileRefused('is_a_folder', shown(text));
  return files.findForClient(text, { follow: false, ...(make && { make: files.makeFolder }) });
}

function existing(node: FileNode | undefined, path: Uint8Array): FileNode {
  if (node === undefined) throw new FileRefused('no_such_file', shown(pathOf(path)));
  return node;
}

function entryOf(node: FileNode, path: string): AnswerOf<'entry'> {
  return {
    kind: 'entry',
    entry: node.kind,
    size: node.kind === 'file' ? node.content.length : 0,
    mode: node.mode,
    modifiedAt: node.modified,
    version: BigInt(node.version),
    path: bytesOf(path),
    target: bytesOf(node.kind === 'link' ? node.target : ''),
  };
}

/** What it costs of the client's credit: its payload. */
function entryBytes({ path, target }: AnswerOf<'entry'>): number {
  return 37 + path.length + target.length;
}
