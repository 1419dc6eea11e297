import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from './command.ts';
import { ProgramsMissing } from './errors.ts';
import { sharedFolders } from './layout.ts';
import { aptOptions } from './packages.ts';
import { findProgram } from './programs.ts';
import { step, type Report } from './progress.ts';
import type { TarEntry } from './tar.ts';

/** Puts a statically linked busybox into the cache: the one program of the image that pods start from. */
export async function provideBusybox(cache: string, report?: Report, signal?: AbortSignal): Promise<void> {
  if (existsSync(busyboxOf(cache))) return;
  await step(report, 'busybox', async () => {
    const folder = join(sharedFolders(cache).tools, `.new-busybox-${process.pid}`);
    await rm(folder, { recursive: true, force: true });
    const work = join(folder, 'work');
    await mkdir(work, { recursive: true });
    await copyFile(await obtain(work, signal), join(folder, 'busybox'));
    await rm(work, { recursive: true });
    await chmod(join(folder, 'busybox'), 0o755);
    const final = dirname(busyboxOf(cache));
    await rm(final, { recursive: true, force: true });
    await rename(folder, final);
  });
}

export function busyboxOf(cache: string): string {
  return join(sharedFolders(cache).tools, 'busybox', 'busybox');
}

/** From Debian's package, unpacked without installing it; elsewhere the machine's own. */
async function obtain(folder: string, signal: AbortSignal | undefined): Promise<string> {
  const [apt, unpack] = await Promise.all([findProgram('apt-get'), findProgram('dpkg-deb')]);
  if (apt === undefined || unpack === undefined) {
    const installed = (await findProgram('busybox-static')) ?? (await findProgram('busybox'));
    if (installed === undefined) throw new ProgramsMissing({ programs: ['a statically linked busybox'] });
    return installed;
  }
  const options = { ...aptOptions(signal), cwd: folder };
  const download = ['download', '-q', 'busybox-static'];
  // A machine whose package lists were never fetched, as in small images, knows no package at all.
  await run(apt, download, options).catch(async () => {
    await run(apt, ['update', '-q'], options);
    await run(apt, download, options);
  });
  const archive = (await readdir(folder)).find((entry) => entry.endsWith('.deb')) ?? '';
  await run(unpack, ['-x', archive, 'unpacked'], options);
  // Distributions that merged /bin into /usr/bin ship it there.
  const candidates = ['bin', 'usr/bin'].map((path) => join(folder, 'unpacked', path, 'busybox'));
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new ProgramsMissing({ programs: ['a statically linked busybox'] });
  return found;
}

/** The file system of the image: the program, a link for each of its commands, and what programs expect to find. */
export async function busyboxFiles(program: string): Promise<TarEntry[]> {
  const listed = await run(program, ['--list-full'], { timeoutMs: 10_000 });
  const commands = listed.split('\n').filter((path) => path !== '' && path !== 'bin/busybox');
  const folder = (path: string, mode = 0o755): TarEntry => ({ path, kind: 'folder', mode });
  const text = (path: string, content: string): TarEntry => ({
    path,
    kind: 'file',
    mode: 0o644,
    content: Buffer.from(content),
  });
  return [
    ...['bin', 'etc', 'home', 'root', 'sbin', 'usr', 'usr/bin', 'usr/sbin', 'var', 'var/tmp'].map((path) =>
      folder(path),
    ),
    folder('tmp', 0o1777),
    text('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n'),
    text('etc/group', 'root:x:0:\nnogroup:x:65534:\n'),
    { path: 'bin/busybox', kind: 'file', mode: 0o755, content: await readFile(program) },
    ...commands
      .filter((path) => /^(usr\/)?s?bin\/[^/]+$/.test(path))
      .map((path): TarEntry => ({ path, kind: 'symlink', mode: 0o777, target: '/bin/busybox' })),
  ];
}
