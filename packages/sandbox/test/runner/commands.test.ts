import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lacksCompilers } from './builds.ts';
import { BUILD_MS, patience, RunnerProcess } from './runner-process.ts';
import type { RunnerClient } from './client.ts';

describe.skipIf(lacksCompilers).each(['checking', 'users'] as const)('commands of the %s build', (build) => {
  let runner: RunnerProcess;
  let client: RunnerClient;
  beforeAll(async () => {
    runner = await RunnerProcess.start({ build, env: { FROM_IMAGE: 'image', TWICE: 'image' } });
    client = await runner.client();
  }, BUILD_MS);
  afterAll(() => runner[Symbol.asyncDispose]());

  test('a command that ends tells its code and both outputs', async () => {
    const { stdout, stderr, exit } = await client.run('both', ['sh', '-c', 'printf out; printf err >&2; exit 7']);
    expect([String(stdout), String(stderr)]).toEqual(['out', 'err']);
    expect(exit).toMatchObject({ ending: 'exited', code: 7, stdoutBytes: 3, stderrBytes: 3 });
  });

  test('all codes from 0 to 255 arrive as they are', async () => {
    for (let first = 0; first < 256; first += 32) {
      const codes = Array.from({ length: 32 }, (_, index) => first + index);
      const outcomes = await Promise.all(codes.map((code) => client.run(`code-${code}`, ['sh', '-c', `exit ${code}`])));
      expect(outcomes.map(({ exit }) => exit.code)).toEqual(codes);
    }
  });

  test('a command that a signal ends tells which', async () => {
    const { exit } = await client.run('segv', ['sh', '-c', 'kill -SEGV $$']);
    expect(exit).toMatchObject({ ending: 'signal', code: 11, flags: { killed: false, timedOut: false } });
  });

  test('arguments arrive as they are, and no shell reads them', async () => {
    const argv = ['printf', '%s|', '', ' a  b ', '$HOME', '*', "'", 'ü\n', '--'];
    expect(String((await client.run('argv', argv)).stdout)).toBe("| a  b |$HOME|*|'|ü\n|--|");
  });

  test('a command finds the usual signals, no open files but three, and a session of its own', async () => {
    const script =
      'cat /proc/self/status; ls /proc/self/fd; echo end; cut -d" " -f1,5,6 /proc/$$/stat; exec cat /proc/$$/stat';
    const text = String((await client.run('plain', ['sh', '-c', script])).stdout);
    expect(/SigBlk:\t(\w+)/.exec(text)?.[1]).toMatch(/^0+$/);
    expect(/SigIgn:\t(\w+)/.exec(text)?.[1]).toMatch(/^0+$/);
    // Three, and the folder that is being listed.
    expect(text).toMatch(/\n0\n1\n2\n\d+\nend\n/);
    const [, pid, group, session] = /end\n(\d+) (\d+) (\d+)\n/.exec(text) ?? [];
    expect([group, session]).toEqual([pid, pid]);
  });

  test("the environment is the image's, then that of ENV, then that of the request; the last one counts", async () => {
    await client.ask({ kind: 'env', env: ['FIRST=gone'] }, 'end');
    await client.ask({ kind: 'env', env: ['TWICE=env', 'EMPTY=', 'THRICE=env', 'EQUALS=a=b'] }, 'end');
    const { stdout } = await client.run('environment', ['env'], { env: ['THRICE=request', 'THRICE=again'] });
    const entries = String(stdout).trim().split('\n');
    expect(entries).toEqual(
      expect.arrayContaining([
        'FROM_IMAGE=image',
        'TWICE=env',
        'EMPTY=',
        'THRICE=again',
        'EQUALS=a=b',
        'EPHEMERA_COMMAND=environment',
      ]),
    );
    expect(entries.filter((entry) => /^(FIRST|TWICE|THRICE)=/.test(entry))).toHaveLength(2);
  });

  test('ten thousand entries of the environment and 1 MB of arguments arrive', async () => {
    const env = Array.from({ length: 10_000 }, (_, index) => `ENTRY_${index}=${index}`);
    const many = await client.run('many-entries', ['sh', '-c', 'env | grep -c ^ENTRY_'], { env });
    expect(String(many.stdout)).toBe('10000\n');
    const argv = ['sh', '-c', 'printf %s "$*" | wc -c', 'sh', ...Array.from({ length: 10 }, () => 'a'.repeat(100_000))];
    expect(String((await client.run('large-arguments', argv)).stdout).trim()).toBe(String(1_000_009));
  });

  test.each([
    ['one argument that is too long', ['true', 'a'.repeat(200_000)], {}, 7],
    ['a program that is not there', ['no-such-program'], {}, 2],
    ['an empty name', [''], {}, 2],
    ['a program that may not be run', ['/etc/passwd'], {}, 13],
    ['a folder', ['/etc'], {}, 13],
    ['a working folder that is not there', ['true'], { cwd: 'missing' }, 2],
  ])('%s is told with its errno, and there is no command', async (name, argv, more, errno) => {
    const id = name.replaceAll(' ', '-');
    const started = client.open({
      kind: 'start',
      id,
      argv,
      flags: { stdin: false, terminal: false },
      timeoutMs: 0,
      graceMs: 0,
      rows: 0,
      columns: 0,
      cwd: '',
      env: [],
      ...more,
    });
    expect(await started.next()).toMatchObject({ kind: 'error', code: 12, errno });
    expect(await client.attach(id).next()).toMatchObject({ kind: 'error', code: 2 });
  });

  test.each([
    ['no id', { id: '' }],
    ['an id with other signs', { id: 'a/b' }],
    ['an id of 65 signs', { id: 'a'.repeat(65) }],
    ['no program', { argv: [] }],
    ['an argument with NUL', { argv: ['echo', 'a\0b'] }],
    ['an entry with NUL', { env: ['A=\0'] }],
    ['an entry without a name', { env: ['=value'] }],
    ['an entry without a value', { env: ['NAME'] }],
    ['a working folder with NUL', { cwd: 'a\0' }],
  ])('START with %s is a bad request', async (_, more) => {
    const flags = { stdin: false, terminal: false };
    const started = client.open({
      kind: 'start',
      id: 'bad',
      argv: ['true'],
      flags,
      timeoutMs: 0,
      graceMs: 0,
      rows: 0,
      columns: 0,
      cwd: '',
      env: [],
      ...more,
    });
    expect(await started.next()).toMatchObject({ kind: 'error', code: 1 });
  });

  test('programs are looked for in the PATH that the command gets, and the working folder is below the work folder', async () => {
    await client.ask({ kind: 'folder', path: Buffer.from('bin/deep'), mode: 0o755 }, 'end');
    const write = client.open({ kind: 'write', path: Buffer.from('bin/mine'), mode: 0o755 });
    write.send({ kind: 'chunk', data: Buffer.from('#!/bin/sh\npwd') });
    write.send({ kind: 'commit', total: 13 });
    await write.rest();
    const { stdout } = await client.run('path', ['mine'], {
      env: [`PATH=/missing::${runner.work}/bin`],
      cwd: 'bin/deep',
    });
    expect(String(stdout)).toBe(`${runner.work}/bin/deep\n`);
    const here = await client.run('here', ['mine'], { env: ['PATH=/missing:'], cwd: 'bin' });
    expect(String(here.stdout)).toBe(`${runner.work}/bin\n`);
  });

  test('an id that is there already is not started again', async () => {
    const first = await client.start('twice', ['sh', '-c', 'echo once']);
    expect((await client.outcome('twice')).exit.code).toBe(0);
    const second = await client.start('twice', ['sh', '-c', 'echo again']);
    expect(second).toEqual({ ...first, existed: true });
    expect(String((await client.outcome('twice')).stdout)).toBe('once\n');
  });

  test('64 commands run side by side', async () => {
    const names = Array.from({ length: 64 }, (_, index) => `side-${index}`);
    const outcomes = await Promise.all(names.map((name) => client.run(name, ['sh', '-c', `sleep 0.1; echo ${name}`])));
    expect(outcomes.map(({ stdout }) => String(stdout).trim())).toEqual(names);
  });

  test('COMMANDS tells of each what it is and how it ended; a long list of arguments is cut', async () => {
    await client.start('waiting', ['sleep', '1000']);
    await client.run('long-list', ['true', ...Array.from({ length: 3000 }, () => 'argument')]);
    const answers = await client.open({ kind: 'commands' }).rest();
    const commands = answers.filter((answer) => answer.kind === 'command');
    const named = (id: string) => commands.find((command) => command.id === id);
    expect(named('waiting')).toMatchObject({ state: 'running', argv: ['sleep', '1000'], endedAt: 0 });
    expect(named('segv')).toMatchObject({ state: 'ended', ending: 'signal', code: 11 });
    const length = named('long-list')?.argv.length ?? 0;
    expect(length).toBeGreaterThan(300);
    expect(length).toBeLessThan(400);
    await client.ask({ kind: 'kill', id: 'waiting', graceMs: 0 }, 'done');
  });

  test('a command that has ended can be forgotten; one that runs cannot', async () => {
    await client.run('over', ['echo', 'kept']);
    await client.start('goes-on', ['sleep', '1000']);
    expect(await client.open({ kind: 'forget', id: 'goes-on' }).next()).toMatchObject({ kind: 'error', code: 3 });
    await client.ask({ kind: 'forget', id: 'over' }, 'end');
    expect(await client.attach('over').next()).toMatchObject({ kind: 'error', code: 2 });
    await client.ask({ kind: 'kill', id: 'goes-on', graceMs: 0 }, 'done');
    await client.outcome('goes-on');
    const forget = async () => (await client.open({ kind: 'forget', id: 'goes-on' }).next()).kind;
    await expect.poll(forget, patience).toBe('end');
  });

  test('a command goes on when its client leaves, and another client gets all of it', async () => {
    const first = await runner.client();
    await first.start('left', ['sh', '-c', 'echo one; sleep 0.3; echo two; exit 3']);
    await first.close();
    const { stdout, exit } = await client.outcome('left');
    expect([String(stdout), exit.code]).toEqual(['one\ntwo\n', 3]);
  });

  test('EXIT does not wait for what a command leaves behind, and what that writes later is kept as well', async () => {
    const { stdout, exit } = await client.run('leaves', [
      'sh',
      '-c',
      '(until [ -e go ]; do sleep 0.05; done; echo later) & echo now',
    ]);
    expect([String(stdout), exit.code]).toEqual(['now\n', 0]);
    await writeFile(join(runner.work, 'go'), '');
    await expect.poll(async () => String((await client.outcome('leaves')).stdout), patience).toBe('now\nlater\n');
  });

  test('what commands leave behind is reaped', async () => {
    await client.run('orphan', ['sh', '-c', '(sleep 0.05; exit 3) & (exec setsid sleep 0.05) & true']);
    const children = async () => {
      const { stdout } = await client.run(`zombies-${crypto.randomUUID()}`, [
        'ps',
        '--ppid',
        String(runner.pid),
        '-o',
        'stat=',
      ]);
      return String(stdout)
        .split('\n')
        .filter((state) => state.startsWith('Z')).length;
    };
    await expect.poll(children, patience).toBe(0);
  });

  test('HELLO tells the version and the same boot id to everybody', async () => {
    const other = await runner.client();
    const [mine, theirs] = await Promise.all(
      [client, other].map((one) => one.ask({ kind: 'hello', version: 1 }, 'hello')),
    );
    expect(mine).toMatchObject({ version: 1 });
    expect(mine?.bootId).toEqual(theirs?.bootId);
    expect(Math.abs((mine?.now ?? 0) - Date.now())).toBeLessThan(5000);
  });

  test('nobody of the same user may look into the runner', async () => {
    const { stdout } = await client.run('owner', ['stat', '-c', '%u', `/proc/${runner.pid}/environ`]);
    expect(String(stdout)).toBe('0\n');
  });
});
