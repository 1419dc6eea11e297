import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { CHECKING_ENV, checkingBuild, lacksCompilers, usersBuild } from './builds.ts';
import { RunnerClient } from './client.ts';
import { alive, BUILD_MS, descendants, RunnerProcess } from './runner-process.ts';

beforeAll(async () => void (await Promise.all([checkingBuild(), usersBuild()])), BUILD_MS);

describe.skipIf(lacksCompilers)('the end of the sandbox', () => {
  const deaf = ['sh', '-c', 'trap "" TERM; setsid sh -c "trap \\"\\" TERM; echo up; while :; do sleep 1000; done"'];

  test('at its expiry all is ended, clients learn how, and the code is 0', async () => {
    await using runner = await RunnerProcess.start();
    const client = await runner.client();
    const polite = client.run('polite', ['sh', '-c', 'trap "echo bye; exit 3" TERM; while :; do sleep 0.01; done']);
    await client.ask({ kind: 'expire', inMs: 300, idleMs: 0 }, 'end');
    expect((await client.ask({ kind: 'hello', version: 1 }, 'hello')).expiresInMs).toBeLessThanOrEqual(300);
    const { stdout, exit } = await polite;
    expect([String(stdout), exit.code]).toEqual(['bye\n', 3]);
    expect(await runner.ended).toBe(0);
  });

  test('SHUTDOWN ends also what ignores SIGTERM, with code 0, and nothing is started any more', async () => {
    await using runner = await RunnerProcess.start();
    const client = await runner.client();
    await client.start('deaf', deaf);
    const attached = client.attach('deaf');
    await attached.next();
    const processes = await descendants(runner.pid);
    expect(processes.length).toBeGreaterThanOrEqual(2);
    await client.ask({ kind: 'shutdown', graceMs: 300 }, 'end');
    await expect(client.start('late', ['true'])).rejects.toThrow('"code":3');
    expect((await attached.rest()).find(({ kind }) => kind === 'exit')).toMatchObject({ ending: 'signal', code: 9 });
    expect(await runner.ended).toBe(0);
    expect(await alive(processes)).toEqual([]);
  });

  test('at SIGTERM it ends with 143', async () => {
    await using runner = await RunnerProcess.start();
    const client = await runner.client();
    await client.start('waits', ['sleep', '1000']);
    runner.signal('SIGTERM');
    expect((await client.outcome('waits')).exit).toMatchObject({ ending: 'signal', code: 15 });
    expect(await runner.ended).toBe(143);
  });

  test('it is idle once nobody is connected and no command runs, not before', async () => {
    await using runner = await RunnerProcess.start({ args: ['--idle', '400'] });
    const client = await runner.client();
    await client.start('works', ['sleep', '0.6']);
    await client.close();
    const [first] = await descendants(runner.pid);
    await vi.waitFor(async () => expect(await alive([first ?? 0])).toEqual([]), { timeout: 5000, interval: 5 });
    const endedAt = performance.now();
    expect(await runner.ended).toBe(0);
    expect(performance.now() - endedAt).toBeGreaterThan(300);
  });

  test.each([
    [['init']],
    [['init', '--work', 'relative']],
    [['init', '--work', '/tmp', '--keep', '0']],
    [['serve', 'more']],
    [['nonsense']],
    [[]],
  ])('arguments %j are refused with how it is used', async (args) => {
    const child = spawn(await usersBuild(), args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const said = child.stderr.toArray();
    expect((await once(child, 'close'))[0]).toBe(2);
    expect(String(await said)).toContain('usage: runner init');
  });
});

describe.skipIf(lacksCompilers).each(['checking', 'users'] as const)('serve of the %s build', (build) => {
  const serve = async (runner: RunnerProcess, ...args: string[]) => {
    const child = spawn(runner.program, ['serve', '--socket', runner.socket, ...args], {
      env: CHECKING_ENV,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const said: string[] = [];
    child.stderr.on('data', (text) => said.push(String(text)));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number, stderr: said.join('') }));
    return { child, ended };
  };

  test('it carries a client both ways, and its end ends nothing else', async () => {
    await using runner = await RunnerProcess.start({ build });
    const { child, ended } = await serve(runner, '--any-runner');
    const client = new RunnerClient(child.stdout, child.stdin);
    const { exit, stdout } = await client.run('large', ['head', '-c', '20000000', '/dev/zero']);
    expect([exit.code, stdout.length]).toEqual([0, 20_000_000]);
    await client.start('stays', ['sleep', '1000']);
    child.stdin.end();
    expect(await ended).toEqual({ code: 0, stderr: '' });
    expect(await descendants(runner.pid)).toHaveLength(1);
  });

  test('it ends when nobody reads it any more, also where its input stays open', async () => {
    await using runner = await RunnerProcess.start({ build });
    const { child, ended } = await serve(runner, '--any-runner');
    child.stdout.destroy();
    expect(await ended).toEqual({ code: 1, stderr: expect.stringContaining('Broken pipe') as string });
  });

  test('it does not speak to a socket that somebody else than the first process listens at', async () => {
    await using runner = await RunnerProcess.start({ build });
    const { ended } = await serve(runner);
    expect(await ended).toEqual({ code: 1, stderr: expect.stringContaining('not the first process') as string });
  });
});

test.skipIf(lacksCompilers)('who did not come in from outside of the container is no client', async () => {
  const program = await usersBuild();
  const name = `@ephemera-test-${crypto.randomUUID()}`;
  const { mkdtemp, rm } = await import('node:fs/promises');
  const folder = await mkdtemp('/tmp/ephemera-runner-');
  const child = spawn(
    program,
    ['init', '--work', folder, '--output', folder, '--socket', name, '--expires-in', '60000'],
    { stdio: 'ignore' },
  );
  try {
    const client = await vi.waitFor(() => RunnerClient.connect(name), { timeout: 5000, interval: 5 });
    await client.closed;
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    await rm(folder, { recursive: true });
  }
});
