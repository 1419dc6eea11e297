import { PassThrough, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { sandboxErrors } from '@ephemera/sandbox';
import { FakeSandbox, type FakeProgram } from '@ephemera/sandbox/testing';
import { expect, test, vi } from 'vitest';
import type { Context } from '../../context.ts';
import { execute } from './execute.ts';
import { inShell } from './shell.ts';
import { writerTo } from './writer-to.ts';

const flags = { stdin: false, terminal: false };
const { signal } = new AbortController();

/** What a command touches of the world, as streams that a test holds. */
function world(environment: Context['environment'] = {}) {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const command = { process: { stdin, stdout, stderr }, environment } as unknown as Context;
  const written = () => {
    stdout.end();
    stderr.end();
    return Promise.all([buffer(stdout), buffer(stderr)]);
  };
  return { command, stdin, stdout, stderr, written };
}

const sandboxWith = (program: FakeProgram) => FakeSandbox.create({ programs: { program } });

test('both outputs arrive apart and byte for byte, and the exit code is that of the command', async () => {
  await using sandbox = await sandboxWith({
    stdout: Buffer.from([0, 255, 13, 10]),
    stderr: Buffer.from([254]),
    exitCode: 7,
  });
  const { command, written } = world();
  expect(await execute(command, sandbox, { argv: ['program'], flags, signal })).toBe(7);
  expect(await written()).toEqual([Buffer.from([0, 255, 13, 10]), Buffer.from([254])]);
});

test('nothing is read from standard input unless that is asked for', async () => {
  await using sandbox = await sandboxWith(async ({ stdin, stdout }) => stdout.write(`<${await stdin.text()}>`));
  const { command, stdin, written } = world();
  stdin.write('unread');
  await execute(command, sandbox, { argv: ['program'], flags, signal });
  expect((await written()).map(String)).toEqual(['<>', '']);
  expect(String(stdin.read())).toBe('unread');
});

test('standard input goes there byte for byte, to its end', async () => {
  await using sandbox = await sandboxWith(async ({ stdin, stdout }) => stdout.write(await stdin.bytes()));
  const { command, stdin, written } = world();
  stdin.end(Buffer.from([0, 255, 128]));
  await execute(command, sandbox, { argv: ['program'], flags: { ...flags, stdin: true }, signal });
  expect((await written())[0]).toEqual(Buffer.from([0, 255, 128]));
});

test('a command that ends while its standard input stays open is waited for no longer', async () => {
  await using sandbox = await sandboxWith({ exitCode: 3 });
  const { command, stdin } = world();
  expect(await execute(command, sandbox, { argv: ['program'], flags: { ...flags, stdin: true }, signal })).toBe(3);
  expect(stdin.destroyed).toBe(true);
});

test('whoever reads slowly makes the sender wait', async () => {
  const taken: string[] = [];
  let takeNext = (): void => {};
  const write = writerTo(
    new Writable({
      highWaterMark: 4,
      write: (piece, _encoding, done) => {
        taken.push(String(piece));
        takeNext = () => done();
      },
    }),
  );
  expect(write(Buffer.from('ab'))).toBeUndefined();
  const waited = write(Buffer.from('cdef'))?.then(() => taken.push('the sender goes on'));
  takeNext();
  await vi.waitFor(() => expect(taken).toEqual(['ab', 'cdef']));
  takeNext();
  await waited;
  expect(taken).toEqual(['ab', 'cdef', 'the sender goes on']);
});

test('an interruption ends the tree of the command, and is what is thrown', async () => {
  let child: number | undefined;
  await using sandbox = await FakeSandbox.create({
    programs: {
      program: async (process) => {
        child = process.spawn(['child'], { session: true }).pid;
        await process.forEver();
      },
      child: (process) => process.forEver(),
      alive: (process) => Number(process.kill(Number(process.argv[1]), 0)),
    },
  });
  const scope = new AbortController();
  const { command } = world();
  const running = execute(command, sandbox, { argv: ['program'], flags, signal: scope.signal });
  await vi.waitFor(() => expect(child).toBeDefined());
  scope.abort(new Error('Ctrl-C'));
  await expect(running).rejects.toThrow('Ctrl-C');
  const isAlive = async () => (await sandbox.commands.run(['alive', String(child)])).exitCode;
  await vi.waitFor(async () => expect(await isAlive()).toBe(0));
});

test('a terminal has the name that ours has, and one output', async () => {
  await using sandbox = await sandboxWith(async ({ terminal, env, stdout, stderr }) => {
    await stdout.write(`${terminal?.rows}x${terminal?.columns} ${env['TERM']} `);
    await stderr.write('and errors');
  });
  const { command, written } = world({ TERM: 'xterm' });
  await execute(command, sandbox, { argv: ['program'], flags: { ...flags, terminal: true }, signal });
  expect((await written()).map(String)).toEqual(['24x80 xterm and errors', '']);
});

test('an image without a shell is told as such, with what to do instead', async () => {
  await using sandbox = await sandboxWith({});
  const shellFlags = { dns: false, userNamespace: false };
  const entered = inShell(world().command, sandbox, { flags: shellFlags, signal });
  await expect(entered).rejects.toMatchObject({
    code: 'cli.sandbox_without_shell',
    message: 'The image has no shell: there is neither /bin/bash nor /bin/sh.',
    hint: expect.stringContaining(`npx ephemera sandbox exec ${sandbox.id} -- PROGRAM`),
  });
});

test('a folder that cannot be entered is not told as a missing shell', async () => {
  await using sandbox = await FakeSandbox.create({ programs: { '/bin/sh': {} } });
  const options = { flags: { dns: false, userNamespace: false, cwd: '/nowhere' }, signal };
  await expect(inShell(world().command, sandbox, options)).rejects.toBeInstanceOf(sandboxErrors.CommandNotStarted);
});

test('the first shell that the image has is taken', async () => {
  await using sandbox = await FakeSandbox.create({ programs: { '/bin/sh': { stdout: 'sh', exitCode: 4 } } });
  const { command, written } = world();
  const shellFlags = { dns: false, userNamespace: false };
  expect(await inShell(command, sandbox, { flags: shellFlags, signal })).toBe(4);
  expect(String((await written())[0])).toBe('sh');
});

test('a command that is not in the image has no exit code', async () => {
  await using sandbox = await sandboxWith({});
  const started = execute(world().command, sandbox, { argv: ['nothing'], flags, signal });
  await expect(started).rejects.toBeInstanceOf(sandboxErrors.CommandNotStarted);
});
