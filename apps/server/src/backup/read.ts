import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { EphemeraError, messageOf } from '@ephemera/model';
import { migrationNames } from '../store/migrate.ts';
import { BackupNewer, BackupUnusable } from './errors.ts';
import { formatVersion, readLine, type End, type Header, type Line } from './format.ts';

export interface Contents {
  readonly header: Header;
  readonly end: End;
}

/** Reads a backup to its end, and says what it holds. Throws `backup.unusable` for one that is damaged, cut off or something else. */
export async function inspectBackup(path: string): Promise<Contents> {
  let header: Header | undefined;
  let end: End | undefined;
  for await (const line of backupLines(path)) {
    if (line.kind === 'header') header = line.header;
    if (line.kind === 'end') end = line.end;
  }
  if (!header || !end) throw new BackupUnusable({ path, problem: 'it is cut off' });
  const known = migrationNames();
  const unknown = header.migrations.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new BackupNewer({ path, migration: unknown });
  return { header, end };
}

/** The lines of a backup in their order, each row with its table. What comes after the last line is checked against what was counted. */
export async function* backupLines(path: string): AsyncGenerator<Line & { readonly table?: string }> {
  const unusable = (problem: string, cause?: unknown) => new BackupUnusable({ path, problem }, { cause });
  const file = createReadStream(path);
  const unzipped = createGunzip();
  file.on('error', (error) => unzipped.destroy(error));
  file.pipe(unzipped);
  const counted: Record<string, number> = {};
  let begun = false;
  let ended = false;
  let table: string | undefined;
  try {
    for await (const text of linesOf(unzipped.setEncoding('utf8'))) {
      const line = readLine(text);
      if (!begun) {
        if (line?.kind !== 'header') throw unusable('it is no backup of Ephemera');
        if (line.header.format !== formatVersion) throw unusable(`its format ${line.header.format} is not known here`);
        begun = true;
        yield line;
        continue;
      }
      if (!line || line.kind === 'header' || ended) throw unusable('it is damaged');
      if (line.kind === 'table') {
        table = line.table;
        counted[table] = 0;
      } else if (line.kind === 'row') {
        if (table === undefined) throw unusable('it is damaged');
        counted[table] = (counted[table] ?? 0) + 1;
      } else {
        if (!sameCounts(counted, line.end.rows)) throw unusable('rows are missing in it');
        ended = true;
      }
      yield table === undefined ? line : { ...line, table };
    }
  } catch (error) {
    if (error instanceof EphemeraError) throw error;
    throw unusable(explain(error), error);
  } finally {
    file.destroy();
    unzipped.destroy();
  }
  if (!begun) throw unusable('it is empty');
  if (!ended) throw unusable('it is cut off');
}

/** Not readline: that one also breaks lines at U+2028, which a title of a pull request may hold. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function sameCounts(left: Readonly<Record<string, number>>, right: Readonly<Record<string, number>>): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => left[name] === right[name]);
}

function explain(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return 'it is cut off';
  if (code === 'Z_DATA_ERROR') return 'it is damaged, or no backup of Ephemera';
  return messageOf(error);
}
