import { join } from 'node:path';
import { FakeSandbox } from '@ephemera/sandbox/testing';
import { expect, test } from 'vitest';
import { checkChange } from './check-change.ts';

const folder = join(import.meta.dirname, 'project');

test('a change whose tests fail is told with their last line', async () => {
  await using sandbox = await FakeSandbox.create({
    programs: { sh: { stdout: 'ok 1\nnot ok 2\n', exitCode: 1 } },
  });
  expect(await checkChange(sandbox, { folder })).toEqual({ known: 'fails', because: 'not ok 2' });
});

test('the whole folder is in the sandbox when its tests begin', async () => {
  await using sandbox = await FakeSandbox.create({
    programs: {
      sh: async ({ argv, files, stdout }) => {
        expect(argv).toEqual(['sh', 'run-tests.sh']);
        await stdout.write(files.readText('add.sh'));
      },
    },
  });
  let output = '';
  const onOutput = (bytes: Uint8Array) => void (output += Buffer.from(bytes));
  expect(await checkChange(sandbox, { folder, onOutput })).toEqual({ known: 'passes' });
  expect(output).toContain('# add A B: their sum.');
});

test('a connection that breaks in the middle changes nothing', async () => {
  await using sandbox = await FakeSandbox.create({
    programs: {
      sh: async ({ stdout }) => {
        await stdout.write('ok 1\n');
        sandbox.faults.cutStreams();
        await stdout.write('ok 2\n');
      },
    },
  });
  let output = '';
  const onOutput = (bytes: Uint8Array) => void (output += Buffer.from(bytes));
  expect(await checkChange(sandbox, { folder, onOutput })).toEqual({ known: 'passes' });
  expect(output).toBe('ok 1\nok 2\n');
});

test('a sandbox that is evicted says nothing about the change, and may be tried again', async () => {
  await using sandbox = await FakeSandbox.create({
    programs: {
      sh: async ({ forEver }) => {
        sandbox.faults.evict();
        await forEver();
      },
    },
  });
  expect(await checkChange(sandbox, { folder })).toMatchObject({ known: 'nothing', again: true });
});

test('tests that run out of memory say nothing, whatever exit code their shell has', async () => {
  await using sandbox = await FakeSandbox.create({
    programs: {
      sh: async ({ spawn }) => void (await spawn(['compiler']).wait()),
      compiler: ({ outOfMemory }) => outOfMemory(),
    },
  });
  expect(await checkChange(sandbox, { folder })).toMatchObject({ known: 'nothing', again: false });
});

test('tests that do not end fail after two minutes', async () => {
  await using sandbox = await FakeSandbox.create({
    programs: {
      sh: async ({ forEver }) => {
        sandbox.faults.passTime(121_000);
        await forEver();
      },
    },
  });
  const verdict = await checkChange(sandbox, { folder });
  expect(verdict).toEqual({ known: 'fails', because: 'they took more than two minutes' });
});
