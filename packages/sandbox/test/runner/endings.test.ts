import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { CHECKING_ENV, checkingBuild, lacksCompilers, usersBuild } from './builds.ts';
import type { Answer } from '../../src/wire/answer.ts';
import { type Channel, RunnerClient, startRequest } from './client.ts';
import { alive, BUILD_MS, descendants, patience, RunnerProcess } from './runner-process.ts';

beforeAll(async () => void (await Promise.all([checkingBuild(), usersBuild()])), BUILD_MS);

describe.skipIf(lacksCompilers)('the end of the sandbox', () => {
  const deaf = ['sh', '-c', 'trap "" TERM; setsid sh -c "trap \\"\\" TERM; echo up; while :; do sleep 1000; done"'];

  /** Says `up`, and at SIGTERM ends with 0 as if all had gone well. */
  const pretender = ['sh', '-c', 'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done'];
  const stdoutOf = (answers: readonly Answer[]): string =>
    answers
      .flatMap((answer) =>
        answer.kind === 'out' && answer.stream === 'stdout' ? String(Buffer.from(answer.data)) : [],
      )
      .join('');
  /** What comes of a command until the stream ends without an END. */
  const untilCut = async (channel: Channel): Promise<readonly Answer[]> => {
    const answers: Answer[] = [];
    for (;;) {
      const answer = await channel.next().catch((error: unknown) => {
        expect(String(error)).toContain('the stream has ended');
      });
      if (answer === undefined) return answers;
      answers.push(answer);
    }
  };

  test.each<[string, number, (runner: RunnerProcess, client: RunnerClient) => Promise<unknown>]>([
    ['at SIGTERM', 143, async (runner) => runner.signal('SIGTERM')],
    ['at its expiry', 0, (_, client) => client.ask({ kind: 'expire', inMs: 1, idleMs: 0 }, 'end')],
    ['at SHUTDOWN', 0, (_, client) => client.ask({ kind: 'shutdown', graceMs: 60_000 }, 'end')],
  ])('%s all is ended with %i, and no 0 of a command that it ends is told', async (_, code, end) => {
    await using runner = await RunnerProcess.start();
    const client = await runner.client();
    await client.start('pretender', pretender);
    const attached = client.attach('pretender');
    await attached.next();
    await end(runner, client);
    const answers = await untilCut(attached);
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['out']));
    expect(stdoutOf(answers)).toBe('bye\n');
    expect(await runner.ended).toBe(code);
  });

  test('a command that had ended before is still told in the end, one that had not is listed as running', async () => {
    await using runner = await RunnerProcess.start();
    const client = await runner.client();
    await client.run('before', ['sh', '-c', 'head -c 200000 /dev/zero; exit 3']);
    const slow = client.attach('before', { window: 1 });
    await client.start('pretender', pretender);
    await client.attach('pretender').next();
    await client.start('deaf', deaf);
    await client.attach('deaf').next();
    await client.ask({ kind: 'shutdown', graceMs: 60_000 }, 'end');
    const listed = async () => {
      const answers = await client.open({ kind: 'commands' }).rest();
      return answers.flatMap((answer) => (answer.kind === 'command' ? [[answer.id, answer.state, answer.code]] : []));
    };
    await expect
      .poll(async () => stdoutOf(await client.attach('pretender', { follow: false }).rest()), patience)
      .toBe('up\nbye\n');
    const running = async () => {
      const { figures } = await client.ask({ kind: 'info' }, 'info');
      return figures.find(({ name }) => name === 'commands_running')?.value;
    };
    await expect.poll(running, patience).toBe(1);
    expect(await listed()).toEqual([
      ['before', 'ended', 3],
      ['pretender', 'running', 0],
      ['deaf', 'running', 0],
    ]);
    expect(await client.open({ kind: 'forget', id: 'pretender' }).next()).toMatchObject({ kind: 'error', code: 3 });
    expect((await client.attach('pretender', { follow: false }).rest()).at(-1)).toEqual({ kind: 'end' });
    expect((await client.outcome('before')).exit.code).toBe(3);
    await client.ask({ kind: 'shutdown', graceMs: 0 }, 'end');
    // Also to a client that takes it only when the runner could go.
    await expect.poll(() => descendants(runner.pid), patience).toEqual([]);
    slow.send({ kind: 'credit', bytes: 1_000_000 });
    expect((await slow.rest()).find(({ kind }) => kind === 'exit')).toMatchObject({ code: 3, stdoutBytes: 200_000 });
    expect(await runner.ended).toBe(0);
  });

  test('SHUTDOWN ends also what ignores SIGTERM; START and EXPIRE have no answer any more, their stream ends', async () => {
    await using runner = await RunnerProcess.start();
    const client = await runner.client();
    await client.start('deaf', deaf);
    const attached = client.attach('deaf');
    await attached.next();
    const processes = await descendants(runner.pid);
    expect(processes.length).toBeGreaterThanOrEqual(2);
    await client.ask({ kind: 'shutdown', graceMs: 60_000 }, 'end');
    // One that is there already is not started, so there is an answer.
    expect(await client.start('deaf', deaf)).toMatchObject({ existed: true });
    for (const request of [startRequest('late', ['true']), { kind: 'expire', inMs: 60_000, idleMs: 0 } as const]) {
      const other = await runner.client();
      const pong = other.open({ kind: 'ping', token: Buffer.alloc(8) });
      expect(await untilCut(other.open(request))).toEqual([]);
      expect((await pong.rest()).map(({ kind }) => kind)).toEqual(['pong', 'end']);
    }
    await client.ask({ kind: 'shutdown', graceMs: 0 }, 'end');
    expect(await untilCut(attached)).toEqual([]);
    expect(await runner.ended).toBe(0);
    expect(await alive(processes)).toEqual([]);
  });

  test('it is idle once nobody is connected and no command runs, not before', async () => {
    await using runner = await RunnerProcess.start({ args: ['--idle', '400'] });
    const client = await runner.client();
    await client.start('works', ['sh', '-c', 'sleep 0.6; touch done']);
    await client.close();
    expect(await runner.ended).toBe(0);
    // The file's time is that of the kernel's clock, which goes in steps.
    const { mtimeMs } = await stat(join(runner.work, 'done'));
    expect(Date.now() - mtimeMs).toBeGreaterThan(400 - 20);
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
  const folder = await mkdtemp('/tmp/ephemera-runner-');
  const child = spawn(
    program,
    ['init', '--work', folder, '--output', folder, '--socket', name, '--expires-in', '60000'],
    { stdio: 'ignore' },
  );
  try {
    const client = await vi.waitFor(() => RunnerClient.connect(name), patience);
    await client.closed;
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    await rm(folder, { recursive: true });
  }
});
