import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { entry, scriptedRunner } from '../../test/scripted/scripted-runner.ts';
import { ServedFile } from '../../test/scripted/served-file.ts';
import type { FileProblemKind } from '../errors.ts';
import type { RunnerProblem } from '../wire/answer.ts';
import { createFiles } from './files.ts';

function problem(kind: FileProblemKind) {
  return expect.objectContaining({ code: 'sandbox.file', details: expect.objectContaining({ kind }) });
}

test('a file that breaks off is resumed at the byte where it broke, and every byte comes once', async () => {
  const content = randomBytes(3_000_000);
  const file = new ServedFile(content);
  let cuts = 0;
  file.cutsAt = (sent) => sent >= 100_000 && cuts++ < 20;
  using runner = scriptedRunner((request, turn) => void file.take(request, turn));
  const read = await createFiles(runner.link).read('big');

  expect(content.equals(read)).toBe(true);
  const from = runner.seen.flatMap((request) => (request.kind === 'read' ? [request.from] : []));
  expect(from).toHaveLength(21);
  expect(from.toSorted((one, other) => one - other)).toEqual(from);
  expect(from[1]).toBeGreaterThan(0);
});

test.each([
  ['version', { version: 2n }],
  ['size', { size: 400_000 }],
])('a file that has another %s after a break is refused instead of being sewn together', async (_, changed) => {
  const file = new ServedFile(randomBytes(300_000));
  let cut = false;
  file.cutsAt = (sent) => {
    if (sent < 100_000 || cut) return false;
    cut = true;
    file.facts = { ...file.facts, ...changed };
    return true;
  };
  using runner = scriptedRunner((request, turn) => void file.take(request, turn));
  await expect(createFiles(runner.link).read('f')).rejects.toEqual(problem('changed'));
});

test('what is appended while a file is read is not a part of it', async () => {
  const file = new ServedFile(Buffer.from('what was there, and what came later'), { size: 14 });
  using runner = scriptedRunner((request, turn) => void file.take(request, turn));
  expect(await createFiles(runner.link).readText('log')).toBe('what was there');
});

test('a file that becomes shorter while it is read is no result', async () => {
  const file = new ServedFile(Buffer.from('half'), { size: 8 });
  using runner = scriptedRunner((request, turn) => {
    if (request.kind === 'stat') turn.end(entry(request.path, { size: 4, version: 2n }));
    else file.take(request, turn);
  });
  await expect(createFiles(runner.link).read('f')).rejects.toEqual(problem('changed'));
});

test.each([
  ['no size', 0],
  ['a size that is too big', 4_096],
])('a file of the kernel that says %s is read to its end', async (_, size) => {
  const file = new ServedFile(Buffer.from('42\n'), { size });
  using runner = scriptedRunner((request, turn) => {
    if (request.kind === 'stat') turn.end(entry(request.path, { size }));
    else file.take(request, turn);
  });
  expect(await createFiles(runner.link).readText('/sys/x')).toBe('42\n');
});

test('a file without size and without end is given up', async () => {
  const file = new ServedFile(Buffer.alloc(65 * 1024 * 1024), { size: 0 });
  using runner = scriptedRunner((request, turn) => void file.take(request, turn));
  await expect(createFiles(runner.link).read('endless')).rejects.toEqual(problem('too_big'));
});

test('whoever stops in the middle of a file tells the runner to stop', async () => {
  const file = new ServedFile(Buffer.alloc(20 * 1024 * 1024));
  using runner = scriptedRunner((request, turn) => void file.take(request, turn));
  let seen = 0;
  for await (const piece of createFiles(runner.link).stream('big')) {
    seen += piece.length;
    if (seen > 100_000) break;
  }
  await expect.poll(() => runner.seen.at(-1)?.kind).toBe('cancel');
});

test('an aborted read throws the reason of its signal', async () => {
  const controller = new AbortController();
  using runner = scriptedRunner(() => controller.abort(new Error('enough')));
  await expect(createFiles(runner.link).read('f', { signal: controller.signal })).rejects.toThrow('enough');
});

test('bytes that are no UTF-8 are no text, and a mark of byte order stays', async () => {
  const file = new ServedFile(Buffer.from([0xef, 0xbb, 0xbf, 0x61]));
  const wrong = new ServedFile(Buffer.from([0x61, 0xff]));
  using runner = scriptedRunner((request, turn) => {
    const isWrong = request.kind === 'read' && Buffer.from(request.path).toString() === 'wrong';
    (isWrong ? wrong : file).take(request, turn);
  });
  const files = createFiles(runner.link);
  expect(await files.readText('right')).toBe('\ufeffa');
  await expect(files.readText('wrong')).rejects.toEqual(problem('no_text'));
});

test.each<[RunnerProblem, FileProblemKind]>([
  ['outside', 'outside'],
  ['not_a_file', 'no_file'],
  ['no_such_file', 'missing'],
  ['is_a_folder', 'folder'],
  ['not_a_folder', 'no_folder'],
  ['denied', 'denied'],
  ['no_space', 'no_space'],
  ['too_big', 'too_big'],
  ['loop', 'loop'],
  ['exists', 'exists'],
  ['io', 'io'],
  ['too_many', 'io'],
])('what the runner calls %s is a file problem of kind %s that names the path', async (refusal, kind) => {
  using runner = scriptedRunner((_, turn) => turn.refuse(refusal, 5));
  const files = createFiles(runner.link);
  const calls = [
    files.read('some/path'),
    files.write('some/path', 'x'),
    files.list('some/path'),
    files.stat('some/path'),
    files.remove('some/path'),
  ];
  for (const result of await Promise.allSettled(calls)) {
    expect(result).toMatchObject({ status: 'rejected', reason: problem(kind) });
    expect(result).toMatchObject({ reason: { message: expect.stringContaining('some/path') } });
  }
});
