import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface RunnerSource {
  readonly name: string;
  readonly text: string;
}

/** The runner's C files, in the order of their names. */
export async function readSources(folder: string): Promise<readonly RunnerSource[]> {
  const names = (await readdir(folder)).filter((name) => /\.[ch]$/.test(name)).toSorted();
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })));
}

/** Changes with whatever changes the program. Pure. */
export function sourceHash(sources: readonly RunnerSource[], flags: readonly string[]): string {
  const parts = [...flags, ...sources.flatMap(({ name, text }) => [name, text])];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
