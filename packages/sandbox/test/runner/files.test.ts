import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lacksCompilers } from './builds.ts';
import type { AnswerOf } from '../../src/wire/answer.ts';
import type { RunnerClient } from './client.ts';
import { BUILD_MS, patience, RunnerProcess } from './runner-process.ts';

const whole = { from: 0, most: undefined, window: 1 << 30 } as const;

describe.skipIf(lacksCompilers).each(['checking', 'users'] as const)('files of the %s build', (build) => {
  let runner: RunnerProcess;
  let client: RunnerClient;
  let at: (...names: string[]) => string;
  beforeAll(async () => {
    runner = await RunnerProcess.start({ build });
    client = await runner.client();
    at = (...names) => join(runner.work, ...names);
  }, BUILD_MS);
  afterAll(() => runner[Symbol.asyncDispose]());
  // The work folder itself stays: the runner holds it open.
  beforeEach(() => writeFile(join(runner.folder, 'secret'), 'outside'));
  afterEach(async () => {
    const names = await readdir(runner.work, { encoding: 'buffer' });
    for (const name of names) await rm(Buffer.concat([path(`${runner.work}/`), name]), { recursive: true });
    expect(await readFile(join(runner.folder, 'secret'), 'utf8')).toBe('outside');
  });

  const path = (text: string) => Buffer.from(text, 'latin1');
  const read = (name: string) => client.open({ kind: 'read', path: path(name), ...whole }).rest();
  const list = async (name: string, recursive = false) => {
    const answers = await client.open({ kind: 'list', path: path(name), recursive, window: 1 << 30 }).rest();
    return answers.filter((answer): answer is AnswerOf<'entry'> => answer.kind === 'entry');
  };
  const write = async (name: string, content: Uint8Array, mode = 0o644, total = content.length) => {
    const channel = client.open({ kind: 'write', path: path(name), mode });
    for (let from = 0; from < content.length; from += 60_000) {
      channel.send({ kind: 'chunk', data: content.subarray(from, from + 60_000) });
    }
    channel.send({ kind: 'commit', total });
    return channel.rest();
  };

  test('a file arrives with its bytes and mode, folders on the way are made, and it is read again', async () => {
    const content = randomBytes(1_000_000);
    expect(await write('new/deep/file', content, 0o751)).toEqual([{ kind: 'ready' }, { kind: 'end' }]);
    expect(content.equals(await readFile(at('new/deep/file')))).toBe(true);
    expect((await stat(at('new/deep/file'))).mode & 0o777).toBe(0o751);
    const [entry, ...rest] = await read('new/deep/file');
    expect(entry).toMatchObject({ kind: 'entry', entry: 'file', size: 1_000_000, mode: 0o751 });
    const data = rest.filter((answer) => answer.kind === 'data').map((answer) => answer.data);
    expect(content.equals(Buffer.concat(data))).toBe(true);
  });

  test('a part of a file is read, as far as credit goes', async () => {
    await write('part', Buffer.from('0123456789'));
    const channel = client.open({ kind: 'read', path: path('part'), from: 3, most: 5, window: 2 });
    await channel.next();
    expect(await channel.next()).toEqual({ kind: 'data', data: Uint8Array.from(Buffer.from('34')) });
    channel.send({ kind: 'credit', bytes: 100 });
    expect(await channel.rest()).toEqual([
      { kind: 'data', data: Uint8Array.from(Buffer.from('567')) },
      { kind: 'end' },
    ]);
  });

  test.each(['cancel', 'short', 'gone'])('of a file that is not finished nothing is left: %s', async (how) => {
    await writeFile(at('kept'), 'before');
    const other = await runner.client();
    const channel = other.open({ kind: 'write', path: path('kept'), mode: 0o644 });
    channel.send({ kind: 'chunk', data: Buffer.from('after') });
    expect(await channel.next()).toEqual({ kind: 'ready' });
    if (how === 'cancel') channel.send({ kind: 'cancel' });
    if (how === 'short') channel.send({ kind: 'commit', total: 6 });
    if (how === 'gone') await other.close();
    else expect(await channel.next()).toMatchObject(how === 'short' ? { kind: 'error', code: 18 } : { kind: 'end' });
    await expect.poll(() => readdir(runner.work), patience).toEqual(['kept']);
    expect(await readFile(at('kept'), 'utf8')).toBe('before');
  });

  test('links out of the work folder lead nowhere, for any request', async () => {
    await symlink(runner.folder, at('out'));
    await symlink('../secret', at('secret'));
    await symlink('inside', at('to-inside'));
    await symlink('loop', at('loop'));
    await mkdir(at('inside'));
    const code = async (answers: Promise<readonly unknown[]>) => (await answers).at(-1);
    const outside = { kind: 'error', code: 4 };
    for (const name of ['out/secret', 'secret', '../secret', 'inside/../../secret', `${runner.work}/../secret`]) {
      expect(await code(read(name)), name).toMatchObject(outside);
    }
    for (const name of ['out/new', '../new', 'out/a/b', '../a/b']) {
      expect(await code(write(name, Buffer.from('x'))), name).toMatchObject(outside);
      expect(
        await code(client.open({ kind: 'folder', path: path(`${name}/x`), mode: 0o755 }).rest()),
        name,
      ).toMatchObject(outside);
      expect(await code(client.open({ kind: 'link', path: path(name), target: path('x') }).rest())).toMatchObject(
        outside,
      );
    }
    for (const name of ['out/secret', '../secret', 'out/work']) {
      expect(await code(client.open({ kind: 'remove', path: path(name) }).rest()), name).toMatchObject(outside);
      expect(await code(client.open({ kind: 'stat', path: path(name) }).rest()), name).toMatchObject(outside);
    }
    expect(
      await code(client.open({ kind: 'list', path: path('out'), recursive: true, window: 99 }).rest()),
    ).toMatchObject(outside);
    expect(await code(read('loop'))).toMatchObject({ kind: 'error', code: 19 });
    expect((await write('to-inside/file', Buffer.from('x'))).at(-1)).toEqual({ kind: 'end' });
    expect(await readFile(at('inside/file'), 'utf8')).toBe('x');
    expect(await readdir(runner.folder)).not.toContain('new');
  });

  test('an absolute path that leads elsewhere is taken as it is, and one to the work folder stays below it', async () => {
    const [entry] = await read(join(runner.folder, 'secret'));
    expect(entry).toMatchObject({ kind: 'entry', size: 7 });
    await write(at('absolute'), Buffer.from('x'));
    expect(await client.ask({ kind: 'stat', path: path(at('absolute')) }, 'entry')).toMatchObject({ entry: 'file' });
    await symlink(runner.folder, at('out'));
    expect((await read(`${at('out')}/secret`)).at(-1)).toMatchObject({ kind: 'error', code: 4 });
  });

  test('a link is replaced by a file, not followed, and made anew; a file is not replaced by a link', async () => {
    await symlink('../secret', at('link'));
    await write('link', Buffer.from('mine'));
    expect((await lstat(at('link'))).isFile()).toBe(true);
    expect((await client.open({ kind: 'link', path: path('link'), target: path('x') }).rest()).at(-1)).toMatchObject({
      kind: 'error',
      code: 17,
    });
    for (const target of ['one', '/two'])
      await client.ask({ kind: 'link', path: path('a/fresh'), target: path(target) }, 'end');
    expect(await readlink(at('a/fresh'))).toBe('/two');
    expect(await client.ask({ kind: 'stat', path: path('a/fresh') }, 'entry')).toMatchObject({
      entry: 'link',
      target: Uint8Array.from(path('/two')),
    });
  });

  test('no device, pipe or folder is read or written like a file, and none makes the runner wait', async () => {
    await client.run(`fifo-${crypto.randomUUID()}`, ['mkfifo', 'pipe']);
    await mkdir(at('folder'));
    expect((await read('pipe')).at(-1)).toMatchObject({ kind: 'error', code: 5 });
    expect((await read('/dev/zero')).at(-1)).toMatchObject({ kind: 'error', code: 5 });
    expect((await read('folder')).at(-1)).toMatchObject({ kind: 'error', code: 7 });
    expect((await write('pipe', Buffer.from('x'))).at(0)).toMatchObject({ kind: 'error', code: 5 });
    expect((await write('/dev/null', Buffer.from('x'))).at(0)).toMatchObject({ kind: 'error', code: 5 });
    expect((await write('folder', Buffer.from('x'))).at(0)).toMatchObject({ kind: 'error', code: 7 });
    expect((await write('', Buffer.from('x'))).at(0)).toMatchObject({ kind: 'error', code: 7 });
    expect((await read('missing')).at(-1)).toMatchObject({ kind: 'error', code: 6, errno: 2 });
    await writeFile(at('file'), '');
    expect((await read('file/below')).at(-1)).toMatchObject({ kind: 'error', code: 8 });
    expect((await client.open({ kind: 'folder', path: path('file'), mode: 0o755 }).rest()).at(-1)).toMatchObject({
      kind: 'error',
      code: 17,
    });
  });

  test('names of any bytes go both ways', async () => {
    const names = ['-rf', ' ', 'new\nline', '\xff\xfe', '\u001b[2J', 'a'.repeat(255), '*', '"', 'ü'];
    for (const name of names) await write(name, Buffer.from(name, 'latin1'));
    const listed = (await list('.')).map((entry) => Buffer.from(entry.path).toString('latin1'));
    expect(listed.toSorted()).toEqual(names.toSorted());
    for (const name of names)
      expect((await read(name))[1]).toEqual({ kind: 'data', data: Uint8Array.from(Buffer.from(name, 'latin1')) });
    expect((await read('a'.repeat(256))).at(-1)).toMatchObject({ kind: 'error', code: 1, errno: 36 });
    expect((await read('a\0b')).at(-1)).toMatchObject({ kind: 'error', code: 1 });
    expect((await read('a/'.repeat(3000))).at(-1)).toMatchObject({ kind: 'error', code: 1 });
  });

  test('LIST goes below only where asked, never through a link, and waits for credit', async () => {
    await mkdir(at('a/b/c'), { recursive: true });
    await writeFile(at('a/b/c/file'), 'x');
    await symlink('..', at('a/up'));
    const names = async (recursive: boolean) =>
      (await list('.', recursive)).map((entry) => String(Buffer.from(entry.path))).toSorted();
    expect(await names(false)).toEqual(['a']);
    expect(await names(true)).toEqual(['a', 'a/b', 'a/b/c', 'a/b/c/file', 'a/up']);
    const channel = client.open({ kind: 'list', path: path('.'), recursive: true, window: 1 });
    expect((await channel.next()).kind).toBe('entry');
    channel.send({ kind: 'credit', bytes: 100_000 });
    expect((await channel.rest()).map(({ kind }) => kind)).toEqual(['entry', 'entry', 'entry', 'entry', 'end']);
    await writeFile(at('file'), '');
    const refused = client.open({ kind: 'list', path: path('file'), recursive: false, window: 1 });
    expect(await refused.next()).toMatchObject({ kind: 'error', code: 8 });
  });

  test('REMOVE takes all that is below a name, links and not what they lead to, and folders that nobody may write to', async () => {
    await client.run(`many-${crypto.randomUUID()}`, [
      'sh',
      '-c',
      'mkdir -p t/a/b/c t/e && cd t && for i in $(seq 700); do : > a/b/$i; done; ln -s ../../secret a/s; ln -s . e/l; chmod 555 a/b; cd ..',
    ]);
    expect(await client.ask({ kind: 'remove', path: path('t') }, 'done')).toMatchObject({ count: 707 });
    expect(await readdir(runner.work)).toEqual([]);
    expect(await client.ask({ kind: 'remove', path: path('t') }, 'done')).toMatchObject({ count: 0 });
    expect(await client.ask({ kind: 'remove', path: path('no/such') }, 'done')).toMatchObject({ count: 0 });
    await symlink('..', at('up'));
    expect(await client.ask({ kind: 'remove', path: path('up') }, 'done')).toMatchObject({ count: 1 });
    for (const name of ['.', '', '..', runner.work]) {
      expect((await client.open({ kind: 'remove', path: path(name) }).rest()).at(-1), name).toMatchObject({
        kind: 'error',
        code: 7,
      });
    }
  });

  test('the version changes with the file', async () => {
    const version = async () => (await client.ask({ kind: 'stat', path: path('v') }, 'entry')).version;
    await write('v', Buffer.from('one'));
    const first = await version();
    expect(await version()).toBe(first);
    await write('v', Buffer.from('two'));
    expect(await version()).not.toBe(first);
  });

  test('no disk left is told, and nothing of the file stays', async () => {
    const full = join(runner.folder, 'full');
    await mkdir(full, { recursive: true });
    await client.run(`mount-${crypto.randomUUID()}`, ['mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', full]);
    try {
      expect((await write(`${full}/large`, Buffer.alloc(300_000))).at(-1)).toMatchObject({ kind: 'error', code: 10 });
      expect(await readdir(full)).toEqual([]);
    } finally {
      await client.run(`umount-${crypto.randomUUID()}`, ['umount', full]);
    }
  });
});

test.skipIf(lacksCompilers)('another user may remove its folders that it cannot write to', async () => {
  await using runner = await RunnerProcess.start({ build: 'users', uid: 65_534 });
  const client = await runner.client();
  await client.run('make', ['sh', '-c', 'mkdir -p t/a && : > t/a/f && chmod 555 t/a t']);
  expect(await client.ask({ kind: 'remove', path: Buffer.from('t') }, 'done')).toMatchObject({ count: 3 });
  expect(await client.open({ kind: 'write', path: Buffer.from('/etc/new'), mode: 0o644 }).next()).toMatchObject({
    kind: 'error',
    code: 9,
  });
});
