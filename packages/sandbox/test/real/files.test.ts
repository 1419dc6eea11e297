import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFiles } from '../../src/files/files.ts';
import { realRunner } from './real-runner.ts';
import { anyTree, readTree, writeTree } from './tree-on-disk.ts';

async function* inPieces(content: Uint8Array, each = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += each) yield await Promise.resolve(content.subarray(at, at + each));
}

test('any tree, with any names, is the same after it went up and down', { timeout: 60_000 }, async () => {
  await using runner = await realRunner();
  const files = createFiles(runner.link);
  let round = 0;
  await fc.assert(
    fc.asyncProperty(anyTree, async (tree) => {
      round += 1;
      const [local, back] = [join(runner.local, `up${round}`), join(runner.local, `down${round}`)];
      mkdirSync(local);
      writeTree(local, tree);
      const up = await files.upload(local, `to${round}`);
      expect(readTree(join(runner.work, `to${round}`))).toEqual(tree);
      const down = await files.download(`to${round}`, back);
      expect(readTree(back)).toEqual(tree);
      expect(down).toEqual(up);
      expect(up.files).toBe([...tree.values()].filter(({ kind }) => kind === 'file').length);
    }),
    { numRuns: 40 },
  );
});

test(
  'a tree arrives whole both ways when the stream breaks at any byte again and again',
  { timeout: 60_000 },
  async () => {
    let least = 300;
    // Longer from break to break, so that the largest file gets through at last.
    await using runner = await realRunner(() => randomInt(200, (least = Math.ceil(least * 1.2))));
    const files = createFiles(runner.link);
    const local = join(runner.local, 'up');
    mkdirSync(join(local, 'folder'), { recursive: true });
    for (let index = 0; index < 60; index += 1)
      writeFileSync(join(local, 'folder', `f${index}`), randomBytes(randomInt(0, 20_000)));
    writeFileSync(join(local, 'big'), randomBytes(1_500_000));
    symlinkSync('folder/f1', join(local, 'link'));
    const whole = readTree(local);

    await files.upload(local, 'to');
    const broken = runner.streams();
    expect(broken).toBeGreaterThan(20);
    expect(readTree(join(runner.work, 'to'))).toEqual(whole);
    expect(readdirSync(runner.work)).toEqual(['to']);

    least = 2_000;
    await files.download('to', join(runner.local, 'down'));
    expect(runner.streams()).toBeGreaterThan(broken + 10);
    expect(readTree(join(runner.local, 'down'))).toEqual(whole);
  },
);

test('a listing that breaks off is never taken for a whole one', { timeout: 60_000 }, async () => {
  let least = 300;
  await using runner = await realRunner(() => randomInt(200, (least = Math.ceil(least * 1.3))));
  mkdirSync(join(runner.work, 'many'));
  for (let index = 0; index < 2_000; index += 1) writeFileSync(join(runner.work, 'many', `f${index}`), '');
  const entries = await createFiles(runner.link).list('many');
  expect(entries.map(({ path }) => path).toSorted()).toEqual(readdirSync(join(runner.work, 'many')).toSorted());
  expect(runner.streams()).toBeGreaterThan(5);
});

test('hundreds of small files and one of 16 MB are the same after both ways', { timeout: 60_000 }, async () => {
  await using runner = await realRunner();
  const files = createFiles(runner.link);
  const local = join(runner.local, 'up');
  for (let folder = 0; folder < 10; folder += 1) {
    mkdirSync(join(local, `d${folder}`), { recursive: true });
    for (let index = 0; index < 100; index += 1)
      writeFileSync(join(local, `d${folder}`, `f${index}`), `${folder} ${index}`);
  }
  writeFileSync(join(local, 'big'), randomBytes(16 * 1024 * 1024));
  const seen: number[] = [];
  const done = await files.upload(local, '.', { onProgress: ({ bytes }) => seen.push(bytes) });
  expect(done.files).toBe(1_001);
  expect(seen.at(-1)).toBe(done.bytes);
  expect(await files.download('.', join(runner.local, 'down'))).toEqual(done);
  expect(readTree(join(runner.local, 'down'))).toEqual(readTree(local));
});

test('what is written is read back, with its mode, its folders and its place in the listing', async () => {
  await using runner = await realRunner();
  const files = createFiles(runner.link);
  const name = Buffer.from([0x66, 0xff, 0x0a]);
  const content = randomBytes(1_000_000);
  await files.write(Buffer.concat([Buffer.from('a/b/'), name]), content, { mode: 0o640 });
  await files.write('text', 'grüße', { mode: 0o755 });
  await files.write('streamed', inPieces(content));
  await files.writeMany(Array.from({ length: 200 }, (_, index) => ({ path: `many/${index}`, content: String(index) })));
  expect(content.equals(await files.read(Buffer.concat([Buffer.from('a/b/'), name])))).toBe(true);
  expect(await files.readText('text')).toBe('grüße');
  expect(content.equals(await files.read('streamed'))).toBe(true);
  expect(await files.readText('many/199')).toBe('199');
  expect(await files.list('a/b')).toEqual([
    expect.objectContaining({
      path: 'f\ufffd\n',
      rawPath: Uint8Array.from(name),
      kind: 'file',
      size: 1_000_000,
      mode: 0o640,
    }),
  ]);
  expect((await files.list('.', { recursive: true })).length).toBe(206);
  expect(await files.stat('text')).toMatchObject({ path: 'text', kind: 'file', size: 7, mode: 0o755 });
  await files.remove('many');
  await files.remove('many');
  await expect(files.stat('many')).rejects.toMatchObject({ details: { kind: 'missing' } });
});

test('paths that lead out of the work folder are refused, also by links, and nothing is changed there', async () => {
  await using runner = await realRunner();
  const files = createFiles(runner.link);
  writeFileSync(join(runner.local, 'secret'), 'secret');
  symlinkSync('../local', join(runner.work, 'out'));
  symlinkSync('../local/secret', join(runner.work, 'file'));
  symlinkSync(runner.local, join(runner.work, 'absolute'));
  const before = readTree(runner.local);
  for (const path of ['../local/secret', 'out/secret', 'file', 'absolute/secret', 'x/../../local/secret']) {
    await expect(files.read(path), path).rejects.toMatchObject({
      details: { kind: expect.stringMatching(/outside|missing/) },
    });
  }
  for (const path of ['../local/secret', 'out/secret', 'absolute/secret', 'out/new']) {
    await expect(files.write(path, 'x'), path).rejects.toMatchObject({ details: { kind: 'outside' } });
    await expect(files.remove(path), path).rejects.toMatchObject({ details: { kind: 'outside' } });
  }
  // The name of a link is replaced, not what it leads to.
  await files.write('file', 'mine');
  await files.remove('absolute');
  expect(readTree(runner.local)).toEqual(before);
  expect(lstatSync(join(runner.work, 'file')).isFile()).toBe(true);
});

test('devices, pipes and sockets are refused and named, and a link to the outside too', async () => {
  await using runner = await realRunner();
  const files = createFiles(runner.link);
  execFileSync('/usr/bin/mkfifo', [join(runner.work, 'pipe')]);
  symlinkSync('../../etc', join(runner.work, 'out'));
  await expect(files.read('pipe')).rejects.toMatchObject({ details: { kind: 'no_file', path: 'pipe' } });
  await expect(files.read('/dev/zero')).rejects.toMatchObject({ details: { kind: 'no_file' } });
  await expect(files.download('pipe', join(runner.local, 'x'))).rejects.toMatchObject({ details: { kind: 'no_file' } });
  await expect(files.download('.', join(runner.local, 'x'))).rejects.toMatchObject({
    code: 'sandbox.transfer_refused',
    details: {
      refused: expect.arrayContaining([
        expect.objectContaining({ path: 'pipe' }),
        expect.objectContaining({ path: 'out' }),
      ]),
    },
  });
  expect(readdirSync(runner.local)).toEqual([]);
});

test('a link to a file or a folder is downloaded as what it leads to', async () => {
  await using runner = await realRunner();
  const files = createFiles(runner.link);
  await files.write('folder/f', 'content');
  symlinkSync('folder', join(runner.work, 'to-folder'));
  symlinkSync('folder/f', join(runner.work, 'to-file'));
  await files.download('to-folder', join(runner.local, 'a'));
  await files.download('to-file', join(runner.local, 'b'));
  expect(readFileSync(join(runner.local, 'a', 'f'), 'utf8')).toBe('content');
  expect(readFileSync(join(runner.local, 'b'), 'utf8')).toBe('content');
});

test('folders and files do not take the place of each other', async () => {
  await using runner = await realRunner();
  const files = createFiles(runner.link);
  await files.write('folder/f', 'x');
  await expect(files.write('folder', 'x')).rejects.toMatchObject({ details: { kind: 'folder' } });
  await expect(files.read('folder')).rejects.toMatchObject({ details: { kind: 'folder' } });
  await expect(files.write('folder/f/below', 'x')).rejects.toMatchObject({ details: { kind: 'no_folder' } });
  await expect(files.list('folder/f')).rejects.toMatchObject({ details: { kind: 'no_folder' } });
  await expect(files.list('missing')).rejects.toMatchObject({ details: { kind: 'missing' } });
  expect(readTree(runner.work).size).toBe(2);
});

test('of what is aborted, breaks or fails in the middle nothing remains in the sandbox', async () => {
  let cutAfter = Number.POSITIVE_INFINITY;
  await using runner = await realRunner(() => cutAfter);
  const files = createFiles(runner.link);
  await files.write('before', 'old');
  const controller = new AbortController();
  async function* aborting() {
    yield await Promise.resolve(new Uint8Array(3_000_000));
    controller.abort(new Error('enough'));
    yield new Uint8Array(1);
  }
  await expect(files.write('before', aborting(), { signal: controller.signal })).rejects.toThrow('enough');
  async function* failing() {
    yield await Promise.resolve(new Uint8Array(3_000_000));
    throw new Error('the source is broken');
  }
  await expect(files.write('before', failing())).rejects.toThrow('the source is broken');

  cutAfter = 6_000_000;
  await using other = await realRunner(() => cutAfter);
  const breaking = createFiles(other.link).write('f', inPieces(new Uint8Array(10_000_000)));
  await expect(breaking).rejects.toMatchObject({ details: { kind: 'interrupted' } });

  await expect.poll(() => readdirSync(runner.work)).toEqual(['before']);
  await expect.poll(() => readdirSync(other.work)).toEqual([]);
  expect(await files.readText('before')).toBe('old');
});

test('a file that is written anew by others while it is read is one of its versions or an error, never a mixture', async () => {
  await using runner = await realRunner();
  const files = createFiles(runner.link);
  const path = join(runner.work, 'f');
  const versions = ['a', 'b'].map((letter) => Buffer.alloc(9_000_000, letter));
  await files.write('f', versions[0] ?? '');
  const read = (async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of files.stream('f')) {
      // Within the file, as renamed by the runner: what was opened stays what it was.
      if (pieces.length === 0) await files.write('f', versions[1] ?? '');
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  })();
  const content = await read;
  expect(versions.some((version) => version.equals(content))).toBe(true);

  const cut = (async () => {
    let first = true;
    for await (const piece of files.stream('f')) {
      // In place, as a program does: shorter than what was opened.
      if (first) writeFileSync(path, 'short');
      first = piece.length === 0;
    }
  })();
  await expect(cut).rejects.toMatchObject({ details: { kind: 'changed' } });
  rmSync(path);
});
