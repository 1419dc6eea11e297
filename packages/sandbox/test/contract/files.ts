import { mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SandboxPath } from '../../src/files-api.ts';
import type { Harness } from './harness.ts';
import { codeOf, sharedSandbox, someBytes } from './setting.ts';

/** What makes a call on files fail: `outside`, `missing` and so on. */
async function kindOf(attempt: Promise<unknown>): Promise<unknown> {
  const error: unknown = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const { code, details } = (error ?? {}) as { code?: string; details?: { kind?: string } };
  return code === 'sandbox.file' ? details?.kind : code;
}

const hostile = [
  'two\nlines',
  '-rf',
  '--help',
  ' spaces ',
  'quote\'s "two"',
  '$(id)`id`',
  'back\\slash',
  '*?[x]',
  'zażółć gęślą jaźń',
  'e\u0301', // Composed otherwise, it is another name.
  '\u202Ertl',
  '\x1b[2J',
  'x'.repeat(255),
  '…',
];

export function filesContract(harness: Harness): void {
  describe('files', () => {
    const sandbox = sharedSandbox(harness);
    const files = () => sandbox().files;
    const { argv } = harness;
    const run = async (name: Parameters<typeof argv>[0], ...args: string[]) =>
      sandbox().commands.run(argv(name, ...args));

    test.each([0, 1, 65_536, 3_000_001])('%i bytes are written and read as they are', async (count) => {
      const bytes = someBytes(count, count);
      await files().write(`sizes/${count}`, bytes);
      expect(Buffer.from(await files().read(`sizes/${count}`)).equals(bytes)).toBe(true);
      expect(await files().stat(`sizes/${count}`)).toMatchObject({ kind: 'file', size: count, mode: 0o644 });
    });

    test('programs see what was written, and what they write is read', async () => {
      await files().write('from-client', 'zażółć');
      expect(await run('show', 'from-client')).toMatchObject({ exitCode: 0, stdout: 'zażółć' });
      await run('fill', 'from-program', '5');
      expect(await files().read('from-program')).toEqual(new Uint8Array(5));
    });

    test('a file is written in the place of another as a whole, with its mode', async () => {
      await files().write('replaced', 'a long first content');
      await files().write('replaced', 'short', { mode: 0o755 });
      expect(await files().readText('replaced')).toBe('short');
      expect((await files().stat('replaced')).mode).toBe(0o755);
    });

    test('a content that fails in the middle leaves what was there before, and nothing else', async () => {
      await files().write('half/file', 'before');
      async function* failing() {
        yield Buffer.alloc(100_000);
        throw new Error('the source is broken');
      }
      await expect(files().write('half/file', failing())).rejects.toThrow('the source is broken');
      expect(await files().readText('half/file')).toBe('before');
      await expect.poll(async () => (await files().list('half')).map(({ path }) => path)).toEqual(['file']);
    });

    test('names of all kinds are kept byte for byte', async () => {
      for (const name of hostile) await files().write(`hostile/${name}`, name);
      await files().write(Buffer.from('hostile/caf\xe9', 'latin1'), 'latin');
      const list = await files().list('hostile');
      expect(list.map(({ rawPath }) => Buffer.from(rawPath).toString('latin1')).toSorted()).toEqual(
        [...hostile.map((name) => Buffer.from(name).toString('latin1')), 'caf\xe9'].toSorted(),
      );
      for (const name of hostile) expect(await files().readText(`hostile/${name}`)).toBe(name);
      expect(await files().readText(Buffer.from('hostile/caf\xe9', 'latin1'))).toBe('latin');
      expect(list.map(({ path }) => path)).toContain('caf\uFFFD');
    });

    test('a name that a program made of other bytes than UTF-8 is listed, read and removed', async () => {
      await run('latinName');
      const entry = (await files().list()).find(({ path }) => path === 'caf\uFFFD');
      expect(Buffer.from(entry?.rawPath ?? []).toString('latin1')).toBe('caf\xe9');
      expect(await files().readText(entry?.rawPath ?? '')).toBe('x');
      await files().remove(entry?.rawPath ?? '');
      expect((await files().list()).map(({ path }) => path)).not.toContain('caf\uFFFD');
    });

    test.each<[string, SandboxPath]>([
      ['an empty path', ''],
      ['NUL', 'a\0b'],
      ['a name of 256 bytes', 'x'.repeat(256)],
      ['a path of 5,000 bytes', 'long/'.repeat(1000)],
    ])('%s is no path', async (_, path) => {
      expect(await kindOf(files().write(path, 'x'))).toBe('name');
      expect(await kindOf(files().read(path))).toBe('name');
    });

    test.each(['../x', 'a/../../x', '/workspace/../etc/passwd'])(
      '%j does not lead out of the work folder',
      async (path) => {
        await files().write('a/there', '');
        expect(await kindOf(files().read(path))).toBe('outside');
        expect(await kindOf(files().write(path, 'x'))).toBe('outside');
        expect(await kindOf(files().remove(path))).toBe('outside');
      },
    );

    test('the folder above the work folder is not read and not written', async () => {
      expect(await kindOf(files().list('..'))).toBe('outside');
      expect(await kindOf(files().stat('..'))).toBe('outside');
      expect(await kindOf(files().write('..', 'x'))).toBe('folder');
      expect(await kindOf(files().remove('..'))).toBe('folder');
      expect(await kindOf(files().remove('.'))).toBe('folder');
    });

    test('links that lead out of the work folder are not followed, whoever made them', async () => {
      await run('link', 'out', '/tmp');
      await run('link', 'up', '../tmp');
      await run('fill', '/tmp/target', '3');
      for (const link of ['out', 'up']) {
        expect(await kindOf(files().read(`${link}/target`))).toBe('outside');
        expect(await kindOf(files().write(`${link}/new`, 'x'))).toBe('outside');
        expect(await kindOf(files().list(link))).toBe('outside');
        await files().remove(link);
      }
      expect((await files().stat('/tmp/target')).size).toBe(3);
      expect((await files().list('/tmp')).map(({ path }) => path)).toEqual(['target']);
    });

    test('links inside of the work folder are followed, listed as links, and replaced by what is written to their name', async () => {
      await files().write('real/file', 'content');
      await run('link', 'to-folder', 'real');
      await run('link', 'to-file', 'real/file');
      await run('link', 'dangling', 'nowhere');
      expect(await files().readText('to-folder/file')).toBe('content');
      expect(await files().readText('to-file')).toBe('content');
      expect(await files().stat('to-file')).toMatchObject({ kind: 'link', target: 'real/file' });
      expect(await kindOf(files().read('dangling'))).toBe('missing');
      expect(await kindOf(files().write('dangling/file', 'x'))).toBe('missing');
      await files().write('to-file', 'other');
      expect(await files().stat('to-file')).toMatchObject({ kind: 'file', size: 5 });
      expect(await files().readText('real/file')).toBe('content');
    });

    test('links that lead to each other are an error', async () => {
      await run('link', 'ring-a', 'ring-b');
      await run('link', 'ring-b', 'ring-a');
      expect(await kindOf(files().read('ring-a'))).toBe('loop');
    });

    test('what is no file is not read, and nobody waits for it', async () => {
      await run('fifo', 'pipe');
      expect(await kindOf(files().read('pipe'))).toBe('no_file');
      expect((await files().stat('pipe')).kind).toBe('other');
      expect(await kindOf(files().read('/dev/null'))).toBe('no_file');
      await files().write('folder/file', '');
      expect(await kindOf(files().read('folder'))).toBe('folder');
      expect(await kindOf(files().write('folder', 'x'))).toBe('folder');
      expect(await kindOf(files().read('folder/file/below'))).toBe('no_folder');
      expect(await kindOf(files().read('not-there'))).toBe('missing');
      expect(await kindOf(files().list('not-there'))).toBe('missing');
      expect(await kindOf(files().stat('not-there'))).toBe('missing');
    });

    test('what belongs to the image is not written to', async () => {
      expect(await kindOf(files().write('/etc/new', 'x'))).toBe('denied');
    });

    test('bytes that are no text are not read as one', async () => {
      await files().write('binary', Buffer.from([0xff, 0xfe, 0x00]));
      expect(await kindOf(files().readText('binary'))).toBe('no_text');
    });

    test('a folder is listed with what is in it, and on demand with all below', async () => {
      await files().writeMany([
        { path: 'tree/b', content: 'b' },
        { path: 'tree/a/one', content: '1' },
        { path: 'tree/a/two', content: new Uint8Array(2), mode: 0o600 },
      ]);
      const listed = async (recursive: boolean) =>
        (await files().list('tree', { recursive })).map(({ path, kind }) => `${kind} ${path}`).toSorted();
      expect(await listed(false)).toEqual(['file b', 'folder a']);
      expect(await listed(true)).toEqual(['file a/one', 'file a/two', 'file b', 'folder a']);
      expect(await files().list('tree', { recursive: true, most: 4 })).toHaveLength(4);
      expect(await kindOf(files().list('tree', { recursive: true, most: 3 }))).toBe('too_many');
      expect(await codeOf(files().list('tree', { most: Number.NaN }))).toBe('sandbox.invalid');
      await files().remove('tree');
      await files().remove('tree');
      expect(await kindOf(files().list('tree'))).toBe('missing');
    });

    test('a folder goes up and comes down as it is', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'ephemera-contract-'));
      try {
        await mkdir(join(folder, 'up/deep'), { recursive: true });
        await writeFile(join(folder, 'up/deep/bytes'), someBytes(200_000, 6), { mode: 0o755 });
        await symlink('deep/bytes', join(folder, 'up/link'));
        for (let index = 0; index < 100; index += 1) await writeFile(join(folder, `up/small-${index}`), `${index}`);
        expect(await files().upload(join(folder, 'up'), 'transfer')).toMatchObject({ files: 101 });
        await files().download('transfer', join(folder, 'down'));
        expect((await readFile(join(folder, 'down/deep/bytes'))).equals(someBytes(200_000, 6))).toBe(true);
        expect(await readlink(join(folder, 'down/link'))).toBe('deep/bytes');
        for (let index = 0; index < 100; index += 1) {
          expect(await readFile(join(folder, `down/small-${index}`), 'utf8')).toBe(`${index}`);
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });

    test('a local link that leads out of its folder is not uploaded', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'ephemera-contract-'));
      try {
        await symlink('/etc/passwd', join(folder, 'link'));
        expect(await codeOf(files().upload(folder, 'refused'))).toBe('sandbox.transfer_refused');
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  });
}
