import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { entry, type Script, scriptedRunner } from '../../test/scripted/scripted-runner.ts';
import { ServedFile } from '../../test/scripted/served-file.ts';
import { temporaryFolder } from '../../test/scripted/temporary-folder.ts';
import type { Answer } from '../wire/answer.ts';
import { createFiles } from './files.ts';

/** A runner that lists what it is told, and gives every file the content `content`. */
function listing(...entries: Answer[]): Script {
  const file = new ServedFile(Buffer.from('content'));
  return (request, turn) => {
    if (request.kind === 'stat') turn.end(entry(request.path, { entry: 'folder', mode: 0o755 }));
    else if (request.kind === 'list') turn.end(...entries);
    else file.take(request, turn);
  };
}

const folder = { entry: 'folder', mode: 0o755 } as const;

test.each([
  ['a path that leads up', [entry('../../x')]],
  ['an absolute path', [entry('/tmp/ephemera-absolute')]],
  ['a path up in its middle', [entry('a', folder), entry('a/../../x')]],
  ['a file below a link', [entry('a', { entry: 'link', target: '/tmp' }), entry('a/x')]],
  [
    'a link and then a folder of one name',
    [entry('a', { entry: 'link', target: '..' }), entry('a', folder), entry('a/x')],
  ],
  ['a link that leads out', [entry('a', { entry: 'link', target: '../x' })]],
  [
    'a link through a link that leads out',
    [
      entry('d', folder),
      entry('d/up', { entry: 'link', target: '..' }),
      entry('a', { entry: 'link', target: 'd/up/../x' }),
    ],
  ],
  ['a device', [entry('a', { entry: 'other' })]],
])('of a listing with %s nothing at all is written', async (_, entries) => {
  using temporary = temporaryFolder();
  using runner = scriptedRunner(listing(entry('innocent'), ...entries));
  const local = join(temporary.path, 'in', 'to');
  await expect(createFiles(runner.link).download('.', local)).rejects.toMatchObject({
    code: 'sandbox.transfer_refused',
  });
  expect(readdirSync(temporary.path)).toEqual([]);
});

test('a link that was in the local folder before is never written through', async () => {
  using temporary = temporaryFolder();
  const local = join(temporary.path, 'local');
  const other = join(temporary.path, 'other');
  mkdirSync(local);
  mkdirSync(other);
  symlinkSync(other, join(local, 'a'));
  using runner = scriptedRunner(listing(entry('a', folder), entry('a/x')));
  await expect(createFiles(runner.link).download('.', local)).rejects.toMatchObject({
    code: 'sandbox.local_file',
    details: { path: join(local, 'a') },
  });
  expect(readdirSync(other)).toEqual([]);
});

test('a local link of a name that comes as a file is replaced, and what it led to stays as it was', async () => {
  using temporary = temporaryFolder();
  const local = join(temporary.path, 'local');
  const secret = join(temporary.path, 'secret');
  mkdirSync(local);
  writeFileSync(secret, 'before');
  symlinkSync(secret, join(local, 'a'));
  using runner = scriptedRunner(listing(entry('a')));
  await createFiles(runner.link).download('.', local);
  expect(readFileSync(secret, 'utf8')).toBe('before');
  expect(readFileSync(join(local, 'a'), 'utf8')).toBe('content');
  expect(lstatSync(join(local, 'a')).isSymbolicLink()).toBe(false);
});

test('links that stay inside are links again, and replace links only', async () => {
  using temporary = temporaryFolder();
  symlinkSync('old', join(temporary.path, 'a'));
  writeFileSync(join(temporary.path, 'b'), 'mine');
  const links = [entry('a', { entry: 'link', target: 'new' }), entry('b', { entry: 'link', target: 'new' })];
  using runner = scriptedRunner(listing(...links));
  await expect(createFiles(runner.link).download('.', temporary.path)).rejects.toMatchObject({
    code: 'sandbox.local_file',
    details: { path: join(temporary.path, 'b') },
  });
  expect(readlinkSync(join(temporary.path, 'a'))).toBe('new');
  expect(readFileSync(join(temporary.path, 'b'), 'utf8')).toBe('mine');
});

test('modes arrive without set-user-id, set-group-id and sticky, and folders without write access with all that is in them', async () => {
  using temporary = temporaryFolder();
  const tree = [
    entry('closed', { entry: 'folder', mode: 0o1555 }),
    entry('closed/tool', { mode: 0o6751 }),
    entry('closed/quiet', { mode: 0o400 }),
  ];
  using runner = scriptedRunner(listing(...tree));
  const local = join(temporary.path, 'local');
  await createFiles(runner.link).download('.', local);
  const modes = ['.', 'closed', 'closed/tool', 'closed/quiet'].map(
    (name) => lstatSync(join(local, name)).mode & 0o7777,
  );
  expect(modes).toEqual([0o755, 0o555, 0o751, 0o400]);
});

test('a file that cannot be read to its end leaves nothing of itself', async () => {
  using temporary = temporaryFolder();
  const list = listing(entry('a'), entry('b'));
  using runner = scriptedRunner((request, turn) => {
    if (request.kind !== 'read') return list(request, turn);
    turn.answer(entry(request.path, { size: 100 }), { kind: 'data', data: Buffer.from('a part') });
    turn.refuse('io', 5);
  });
  await expect(createFiles(runner.link).download('.', temporary.path)).rejects.toMatchObject({
    details: { kind: 'io' },
  });
  expect(readdirSync(temporary.path)).toEqual([]);
});

test('a single file takes the name that it is given, with its mode and its folders', async () => {
  using temporary = temporaryFolder();
  const file = new ServedFile(Buffer.from('content'), { mode: 0o4755 });
  using runner = scriptedRunner((request, turn) => {
    if (request.kind === 'stat') turn.end(entry(request.path, file.facts));
    else file.take(request, turn);
  });
  const seen: unknown[] = [];
  const local = join(temporary.path, 'new', 'name');
  const done = await createFiles(runner.link).download('f', local, { onProgress: (progress) => seen.push(progress) });
  expect(done).toEqual({ files: 1, bytes: 7 });
  expect(seen).toEqual([
    { files: 0, bytes: 7 },
    { files: 1, bytes: 7 },
  ]);
  expect(lstatSync(local).mode & 0o7777).toBe(0o755);
  expect(readFileSync(local, 'utf8')).toBe('content');
});

test('a folder that is there is not replaced by a file', async () => {
  using temporary = temporaryFolder();
  mkdirSync(join(temporary.path, 'a'));
  using runner = scriptedRunner(listing(entry('a')));
  await expect(createFiles(runner.link).download('.', temporary.path)).rejects.toMatchObject({
    code: 'sandbox.local_file',
    message: expect.stringContaining('a folder of this name is there'),
  });
  expect(readdirSync(temporary.path)).toEqual(['a']);
});

test('an aborted download throws the reason and leaves no half file', async () => {
  using temporary = temporaryFolder();
  const controller = new AbortController();
  const list = listing(entry('a'));
  using runner = scriptedRunner((request, turn) => {
    if (request.kind !== 'read') return list(request, turn);
    turn.answer(entry(request.path, { size: 100 }), { kind: 'data', data: Buffer.from('a part') });
  });
  const onProgress = () => controller.abort(new Error('enough'));
  const downloading = createFiles(runner.link).download('.', temporary.path, { onProgress, signal: controller.signal });
  await expect(downloading).rejects.toThrow('enough');
  expect(readdirSync(temporary.path)).toEqual([]);
});
