import { accessSync, constants, existsSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf } from '@ephemera/model';
import { FileExists, FileNotWritable } from './errors.ts';

/** The settings file and the App's key, which lies beside it. */
export interface SetupFiles {
  readonly settings: string;
  readonly key: string;
}

/** Names both, and refuses before anything is made on GitHub what could not be written afterwards. */
export function planFiles(out: string, force: boolean): SetupFiles {
  const settings = resolve(out);
  const key = join(dirname(settings), `${basename(settings).replace(/\.env$/, '')}.private-key.pem`);
  for (const path of [settings, key]) if (!force && existsSync(path)) throw new FileExists({ path });
  try {
    accessSync(dirname(settings), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new FileNotWritable({ path: settings, problem: messageOf(error) }, { cause: error });
  }
  return { settings, key };
}

/** Both for their owner only. A file appears whole or not at all, and takes the place of another one only with `force`. */
export async function writeFiles(
  files: SetupFiles,
  content: { readonly settings: string; readonly key: string },
  force: boolean,
): Promise<void> {
  // The settings name the key: they come last.
  await writeWhole(files.key, content.key, force);
  await writeWhole(files.settings, content.settings, force);
}

async function writeWhole(path: string, text: string, force: boolean): Promise<void> {
  const unfinished = `${path}.${process.pid}.part`;
  try {
    await writeNew(unfinished, text);
    if (force) await rename(unfinished, path);
    else await putBeside(unfinished, path, text);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** What file systems without links answer: FAT, and many that come over a network. */
const withoutLinks: readonly unknown[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'];

/** Gives a finished file its name. A link is refused where a file has appeared in the meantime; a rename would replace it. */
export async function putBeside(
  unfinished: string,
  path: string,
  text: string,
  linkFile: (from: string, to: string) => Promise<void> = link,
): Promise<void> {
  try {
    await linkFile(unfinished, path);
  } catch (error) {
    if (!withoutLinks.includes((error as NodeJS.ErrnoException).code)) throw error;
    // Refused likewise where there is a file, though not whole before it has its name.
    await writeNew(path, text);
  }
}

/** Of what it could not write to the end nothing is left. */
async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** Lines of NAME=value as `--env-file` reads them. Values that could be misread are quoted. Pure. */
export function settingsText(values: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(value)}`],
  );
  return `# Made by npx ephemera setup github. It holds a secret: keep it as safe as the key beside it.\n${lines.join('\n')}\n`;
}

function quoted(value: string): string {
  if (/^[\w./:@+=-]+$/.test(value)) return value;
  const quote = ["'", '"', '`'].find((candidate) => !value.includes(candidate));
  if (quote === undefined) throw new TypeError('a value holds every kind of quote');
  return `${quote}${value}${quote}`;
}
