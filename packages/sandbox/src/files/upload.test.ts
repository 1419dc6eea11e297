import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { entry, type Script, scriptedRunner } from '../../test/scripted/scripted-runner.ts';
import { temporaryFolder } from '../../test/scripted/temporary-folder.ts';
import { createFiles } from './files.ts';

const taking: Script = (request, turn) => {
  if (request.kind === 'stat') turn.refuse('no_such_file', 2);
  else if (request.kind === 'write') turn.answer({ kind: 'ready' });
  else if (request.kind !== 'chunk') turn.end();
};

test('everything that cannot be copied is named at once, and nothing is sent', async () => {
  using temporary = temporaryFolder();
  const at = (name: string) => join(temporary.path, name);
  writeFileSync(at('fine'), 'x');
  execFileSync('/usr/bin/mkfifo', [at('pipe')]);
  const server = createServer().listen(at('socket'));
  await once(server, 'listening');
  symlinkSync('../elsewhere', at('out'));
  symlinkSync('/etc/passwd', at('absolute'));
  symlinkSync('/dev/null', at('device'));
  using runner = scriptedRunner(taking);
  const refusal = await createFiles(runner.link)
    .upload(temporary.path)
    .catch((error: unknown) => error);
  server.close();
  expect(refusal).toMatchObject({
    code: 'sandbox.transfer_refused',
    details: {
      folder: temporary.path,
      refused: [
        { path: 'absolute', problem: 'is a link to /etc/passwd, out of the folder' },
        { path: 'device', problem: 'is a link to /dev/null, out of the folder' },
        { path: 'out', problem: 'is a link to ../elsewhere, out of the folder' },
        { path: 'pipe', problem: 'is a device, pipe or socket' },
        { path: 'socket', problem: 'is a device, pipe or socket' },
      ],
    },
  });
  expect(runner.seen).toEqual([]);
});

test('folders are made before files, links after them, and a folder is closed only when all is in it', async () => {
  using temporary = temporaryFolder();
  const at = (name: string) => join(temporary.path, name);
  mkdirSync(at('closed/inner'), { recursive: true });
  writeFileSync(at('closed/inner/f'), 'x');
  chmodSync(at('closed/inner/f'), 0o4750);
  symlinkSync('closed/inner', at('link'));
  chmodSync(at('closed'), 0o555);
  chmodSync(temporary.path, 0o755);
  using runner = scriptedRunner(taking);
  const done = await createFiles(runner.link).upload(temporary.path, 'to');
  const seen = runner.seen.map((request) =>
    'path' in request
      ? [request.kind, Buffer.from(request.path).toString(), 'mode' in request ? request.mode : undefined]
      : [request.kind],
  );
  expect(done).toEqual({ files: 1, bytes: 1 });
  expect(seen).toEqual([
    ['stat', 'to', undefined],
    ['folder', 'to', 0o755],
    ['folder', 'to/closed', 0o755],
    ['folder', 'to/closed/inner', 0o755],
    ['write', 'to/closed/inner/f', 0o750],
    ['chunk'],
    ['commit'],
    ['link', 'to/link', undefined],
    ['folder', 'to/closed', 0o555],
  ]);
});

test('a folder that is there keeps its mode, and what is there and no folder is refused', async () => {
  using temporary = temporaryFolder();
  writeFileSync(join(temporary.path, 'f'), 'x');
  using runner = scriptedRunner((request, turn) => {
    if (request.kind !== 'stat') return taking(request, turn);
    const isFile = Buffer.from(request.path).toString() === 'file';
    turn.end(entry(request.path, { entry: isFile ? 'file' : 'folder' }));
  });
  await createFiles(runner.link).upload(temporary.path);
  expect(runner.seen.map(({ kind }) => kind)).toEqual(['stat', 'write', 'chunk', 'commit']);
  await expect(createFiles(runner.link).upload(temporary.path, 'file')).rejects.toMatchObject({
    details: { kind: 'no_folder' },
  });
});

test('a local path that is not there is a typed error that names it', async () => {
  using temporary = temporaryFolder();
  using runner = scriptedRunner(taking);
  const missing = join(temporary.path, 'missing');
  await expect(createFiles(runner.link).upload(missing)).rejects.toMatchObject({
    code: 'sandbox.local_file',
    message: `${missing} on this machine: it is not there.`,
  });
});

test('a device, pipe or socket by itself is refused without being opened', async () => {
  using temporary = temporaryFolder();
  const pipe = join(temporary.path, 'pipe');
  execFileSync('/usr/bin/mkfifo', [pipe]);
  using runner = scriptedRunner(taking);
  const files = createFiles(runner.link);
  for (const local of [pipe, '/dev/null']) {
    await expect(files.upload(local)).rejects.toMatchObject({ code: 'sandbox.local_file' });
  }
});

test('a path that becomes too long below its folder is refused before anything is sent', async () => {
  using temporary = temporaryFolder();
  writeFileSync(join(temporary.path, 'n'.repeat(200)), 'x');
  using runner = scriptedRunner(taking);
  const to = `${'d'.repeat(199)}/`.repeat(20).slice(0, -1);
  await expect(createFiles(runner.link).upload(temporary.path, to)).rejects.toMatchObject({
    details: { kind: 'name' },
  });
  expect(runner.seen).toEqual([]);
});

test('dozens of small files are under way before the first one is there', async () => {
  using temporary = temporaryFolder();
  for (let index = 0; index < 100; index += 1) writeFileSync(join(temporary.path, `f${index}`), 'x');
  const waiting: (() => void)[] = [];
  let most = 0;
  using runner = scriptedRunner((request, turn) => {
    if (request.kind !== 'commit') return taking(request, turn);
    waiting.push(() => turn.end());
    most = Math.max(most, waiting.length);
    if (waiting.length >= 24 || runner.seen.filter(({ kind }) => kind === 'commit').length > 76) {
      for (const end of waiting.splice(0)) end();
    }
  });
  const done = await createFiles(runner.link).upload(temporary.path);
  expect(done).toEqual({ files: 100, bytes: 100 });
  expect(most).toBeGreaterThanOrEqual(24);
});
