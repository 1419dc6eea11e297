import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lacksCompilers } from './builds.ts';
import type { RunnerClient } from './client.ts';
import { BUILD_MS, patience, RunnerProcess } from './runner-process.ts';

const open = { flags: { stdin: true, terminal: false } };
const terminal = { flags: { stdin: false, terminal: true }, rows: 30, columns: 100 };

describe.skipIf(lacksCompilers).each(['checking', 'users'] as const)('standard input of the %s build', (build) => {
  let runner: RunnerProcess;
  let client: RunnerClient;
  beforeAll(async () => {
    runner = await RunnerProcess.start({ build });
    client = await runner.client();
  }, BUILD_MS);
  afterAll(() => runner[Symbol.asyncDispose]());

  const send = (id: string, offset: number, data: string | Uint8Array) =>
    client.ask({ kind: 'stdin', id, offset, data: Buffer.from(data) }, 'stdinAck');
  const close = (id: string, total: number) => client.ask({ kind: 'stdinClose', id, total }, 'stdinAck');

  test('without the flag it is at its end', async () => {
    expect((await client.run('none', ['cat'])).exit.code).toBe(0);
    expect(await send('none', 0, 'x')).toMatchObject({ taken: 0, closed: true });
  });

  test('bytes of any kind arrive in order, and the end after them', async () => {
    const data = randomBytes(3_000_000);
    await client.start('cat', ['cat'], open);
    const outcome = client.outcome('cat');
    let at = 0;
    while (at < data.length) at = (await send('cat', at, data.subarray(at, at + 200_000))).taken;
    expect(await close('cat', at)).toMatchObject({ taken: data.length, closed: true });
    expect(data.equals((await outcome).stdout)).toBe(true);
  });

  test('what was taken already may come again, and a gap is refused', async () => {
    await client.start('again', ['cat'], open);
    expect(await send('again', 0, 'abc')).toMatchObject({ taken: 3, closed: false });
    expect(await send('again', 1, 'bcd')).toMatchObject({ taken: 4 });
    expect(await send('again', 0, '')).toMatchObject({ taken: 4 });
    const gap = client.open({ kind: 'stdin', id: 'again', offset: 5, data: Buffer.from('f') });
    expect(await gap.next()).toMatchObject({ kind: 'error', code: 16 });
    await close('again', 4);
    expect(String((await client.outcome('again')).stdout)).toBe('abcd');
  });

  test('the end takes effect once all bytes before it have come', async () => {
    await client.start('early-end', ['cat'], open);
    const closing = client.open({ kind: 'stdinClose', id: 'early-end', total: 6 });
    await send('early-end', 0, 'abc');
    expect((await send('early-end', 3, 'def')).taken).toBe(6);
    expect(await closing.next()).toMatchObject({ taken: 6, closed: true });
    expect(String((await client.outcome('early-end')).stdout)).toBe('abcdef');
    expect(await close('early-end', 6)).toMatchObject({ closed: true });
  });

  test('a command that does not read makes its writer wait, and nobody else', async () => {
    await client.start('deaf', ['sleep', '1000'], open);
    const waiting = client.open({ kind: 'stdin', id: 'deaf', offset: 0, data: Buffer.alloc(2_000_000) });
    expect(String((await client.run('meanwhile', ['echo', 'on'])).stdout)).toBe('on\n');
    await client.ask({ kind: 'kill', id: 'deaf', graceMs: 0 }, 'done');
    expect(await waiting.next()).toMatchObject({ kind: 'stdinAck', closed: true });
    const { taken } = await send('deaf', 0, '');
    expect(taken).toBeLessThan(500_000);
  });

  test('what a command can no longer read was not taken', async () => {
    await client.start('leaves', ['sh', '-c', 'until [ -e leave ]; do sleep 0.02; done'], open);
    // More than its pipe holds.
    const waiting = client.open({ kind: 'stdin', id: 'leaves', offset: 0, data: Buffer.alloc(200_000) });
    await client.run('let-leave', ['touch', 'leave']);
    const [answer] = await waiting.rest();
    expect(answer).toMatchObject({ kind: 'stdinAck', closed: true });
    expect(answer?.kind === 'stdinAck' ? answer.taken : 0).toBeLessThan(200_000);
  });

  test('the end of the input of a terminal is one also in a line that is begun', async () => {
    await client.start('unfinished', ['sh', '-c', 'echo up; exec cat'], terminal);
    await client.attach('unfinished').next();
    await send('unfinished', 0, 'abc');
    await close('unfinished', 3);
    const { exit, stdout } = await client.outcome('unfinished');
    expect([exit.ending, exit.code, String(stdout)]).toEqual(['exited', 0, 'up\r\nabcabc']);
  });

  test('a program that closes its terminal before it ends has its own code', async () => {
    const script = 'echo up; exec <&- >&- 2>&-; sleep 0.3; exit 5';
    const { exit } = await client.run('closes-terminal', ['sh', '-c', script], terminal);
    expect([exit.ending, exit.code]).toEqual(['exited', 5]);
  });

  test('a command that closes its standard input makes it closed', async () => {
    await client.start('closes', ['sh', '-c', 'exec <&-; echo closed; sleep 1000'], open);
    const attached = client.attach('closes');
    await attached.next();
    await expect.poll(async () => (await send('closes', 0, 'x')).closed, patience).toBe(true);
    await client.ask({ kind: 'kill', id: 'closes', graceMs: 0 }, 'done');
  });

  test('a terminal has its size, is resized, echoes, and ends its input', async () => {
    await client.start(
      'terminal',
      ['sh', '-c', 'tty >/dev/null && stty size; echo ready; while read line; do echo "got $line $(stty size)"; done'],
      terminal,
    );
    const attached = client.attach('terminal');
    let text = '';
    const until = async (part: string) => {
      while (!text.includes(part)) {
        const answer = await attached.next();
        if (answer.kind === 'out') text += String(Buffer.from(answer.data));
        else throw new Error(`${answer.kind} after ${text}`);
      }
    };
    await until('30 100\r\nready\r\n');
    await client.ask({ kind: 'resize', id: 'terminal', rows: 50, columns: 132 }, 'end');
    await send('terminal', 0, 'hello\n');
    await until('got hello 50 132');
    expect(text).toContain('hello\r\n');
    await close('terminal', 6);
    const answers = await attached.rest();
    expect(answers.find(({ kind }) => kind === 'exit')).toMatchObject({ ending: 'exited', code: 0, stderrBytes: 0 });
  });

  test('control and C ends the program of a terminal', async () => {
    // Not a shell: one that gets the signal between two of its commands may go on.
    await client.start('interrupted', ['cat'], terminal);
    await send('interrupted', 0, '\u0003');
    expect((await client.outcome('interrupted')).exit).toMatchObject({ ending: 'signal', code: 2 });
  });

  test('only a terminal can be resized', async () => {
    await client.run('no-terminal', ['true']);
    expect(await client.open({ kind: 'resize', id: 'no-terminal', rows: 1, columns: 1 }).next()).toMatchObject({
      kind: 'error',
      code: 1,
    });
  });
});
