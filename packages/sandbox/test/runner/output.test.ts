import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lacksCompilers } from './builds.ts';
import { outcomeOf, type RunnerClient } from './client.ts';
import { BUILD_MS, patience, RunnerProcess } from './runner-process.ts';
import { randomNumbers } from './random-numbers.ts';

const open = { flags: { stdin: true, terminal: false } };

describe.skipIf(lacksCompilers).each(['checking', 'users'] as const)('output of the %s build', (build) => {
  let runner: RunnerProcess;
  let client: RunnerClient;
  beforeAll(async () => {
    runner = await RunnerProcess.start({ build });
    client = await runner.client();
  }, BUILD_MS);
  afterAll(() => runner[Symbol.asyncDispose]());

  test('20 MB arrive whole, however the client gives credit', async () => {
    await client.start('large', ['head', '-c', '20000000', '/dev/zero']);
    const attached = client.attach('large', { window: 300_000 });
    let bytes = 0;
    let frames = 0;
    for (let answer = await attached.next(); answer.kind !== 'end'; answer = await attached.next()) {
      if (answer.kind === 'exit') expect(answer.stdoutBytes).toBe(20_000_000);
      if (answer.kind !== 'out') continue;
      expect(answer.offset).toBe(bytes);
      bytes += answer.data.byteLength;
      if (++frames % 3 === 0) attached.send({ kind: 'credit', bytes: 300_000 });
    }
    expect(bytes).toBe(20_000_000);
  });

  test('nothing is sent without credit, but the end of what has no more output is', async () => {
    await client.run('little', ['printf', '12345']);
    const attached = client.attach('little', { window: 3 });
    expect(await attached.next()).toMatchObject({ kind: 'out', data: Uint8Array.from(Buffer.from('123')) });
    attached.send({ kind: 'credit', bytes: 2 });
    const rest = await attached.rest();
    expect(rest.map(({ kind }) => kind)).toEqual(['out', 'exit', 'end']);
  });

  test('reading goes on at any place of both streams', async () => {
    await client.run('places', ['sh', '-c', 'printf 0123456789; printf abcdefghij >&2']);
    const answers = await client.attach('places', { fromStdout: 7, fromStderr: 10 }).rest();
    const { stdout, stderr } = outcomeOf(answers, { stdout: 7, stderr: 10 });
    expect([String(stdout), String(stderr)]).toEqual(['789', '']);
  });

  test('without follow what is there comes, and no EXIT of a command that runs', async () => {
    await client.start('runs', ['sh', '-c', 'echo there; sleep 1000']);
    await client.attach('runs').next();
    const answers = await client.attach('runs', { follow: false }).rest();
    expect(answers.map(({ kind }) => kind)).toEqual(['out', 'end']);
    await client.ask({ kind: 'kill', id: 'runs', graceMs: 0 }, 'done');
  });

  test('what is left behind writes on while somebody reads: who gets EXIT has all bytes that it counts', async () => {
    const script = '(while :; do head -c 100000 /dev/zero; sleep 0.01; done) & sleep 0.1';
    await client.run('writes-on', ['sh', '-c', script]);
    for (let count = 0; count < 20; count++) {
      const answers = await client.attach('writes-on', { follow: false }).rest();
      const exit = answers.find((answer) => answer.kind === 'exit');
      const bytes = answers.reduce((sum, answer) => sum + (answer.kind === 'out' ? answer.data.byteLength : 0), 0);
      const lost = answers.reduce((sum, answer) => sum + (answer.kind === 'lost' ? answer.to - answer.from : 0), 0);
      expect(exit === undefined || bytes + lost >= exit.stdoutBytes).toBe(true);
    }
    await client.ask({ kind: 'kill', id: 'writes-on', graceMs: 0 }, 'done');
  });

  test('CANCEL ends a reader, and what comes after it is ignored', async () => {
    await client.start('cancelled', ['sleep', '1000']);
    const attached = client.attach('cancelled');
    attached.send({ kind: 'cancel' });
    attached.send({ kind: 'credit', bytes: 1 });
    attached.send({ kind: 'cancel' });
    expect(await attached.rest()).toEqual([{ kind: 'end' }]);
    await client.ask({ kind: 'kill', id: 'cancelled', graceMs: 0 }, 'done');
    expect((await client.outcome('cancelled')).exit.code).toBe(9);
  });
});

describe.skipIf(lacksCompilers)('what is kept', () => {
  test('any bytes from any place are those that were written, or are told as lost', async () => {
    const keep = 5000;
    await using runner = await RunnerProcess.start({ args: ['--keep', String(keep), '--keep-all', '12000'] });
    const client = await runner.client();
    const next = randomNumbers(20_260_101);
    for (let round = 0; round < 6; round++) {
      const id = `ring-${round}`;
      await client.start(id, ['cat'], open);
      let written = Buffer.alloc(0);
      for (let step = 0; step < 25; step++) {
        const piece = randomBytes(next(step % 5 === 0 ? 9000 : 700));
        for (let at = 0; at < piece.length;) {
          at =
            (await client.ask({ kind: 'stdin', id, offset: written.length + at, data: piece.subarray(at) }, 'stdinAck'))
              .taken - written.length;
        }
        written = Buffer.concat([written, piece]);
        await expect
          .poll(
            async () => {
              const info = await client
                .attach(id, { follow: false, fromStdout: Math.max(0, written.length - 1) })
                .rest();
              return info.some(({ kind }) => kind === 'out') || written.length === 0;
            },
            { ...patience, interval: 1 },
          )
          .toBe(true);
        const from = next(written.length + 1);
        const answers = await client.attach(id, { follow: false, fromStdout: from }).rest();
        let at = from;
        for (const answer of answers) {
          if (answer.kind === 'lost') {
            expect([answer.from, answer.to]).toEqual([at, written.length - Math.min(keep, written.length)]);
            at = answer.to;
          }
          if (answer.kind !== 'out') continue;
          expect(answer.offset).toBe(at);
          expect(written.subarray(at, at + answer.data.byteLength).equals(answer.data)).toBe(true);
          at += answer.data.byteLength;
        }
        expect(at).toBe(written.length);
      }
      await client.ask({ kind: 'stdinClose', id, total: written.length }, 'stdinAck');
      await client.outcome(id);
    }
  });

  test('of all together no more is kept than allowed; the oldest ended commands give way first', async () => {
    await using runner = await RunnerProcess.start({ args: ['--keep', '100000', '--keep-all', '250000'] });
    const client = await runner.client();
    for (const id of ['first', 'second', 'third']) await client.run(id, ['head', '-c', '100000', '/dev/zero']);
    const kept = async () => {
      const { figures } = await client.ask({ kind: 'info' }, 'info');
      return figures.find(({ name }) => name === 'output_bytes_kept')?.value;
    };
    expect(await kept()).toBe(200_000);
    expect((await client.outcome('first')).lost).toEqual([{ kind: 'lost', stream: 'stdout', from: 0, to: 100_000 }]);
    expect((await client.outcome('second')).lost).toEqual([]);
    await client.ask({ kind: 'forget', id: 'third' }, 'end');
    expect(await kept()).toBe(100_000);
  });

  test('while a client follows and takes something, the command waits; nothing is lost', async () => {
    await using runner = await RunnerProcess.start({ args: ['--keep', '100000', '--keep-all', '100000'] });
    const client = await runner.client();
    const started = client.start('waits', ['sh', '-c', 'head -c 3000000 /dev/zero; head -c 500000 /dev/zero >&2']);
    const attached = client.attach('waits', { window: 10_000 });
    await started;
    const at = { stdout: 0, stderr: 0 };
    for (let answer = await attached.next(); answer.kind !== 'end'; answer = await attached.next()) {
      expect(['out', 'exit']).toContain(answer.kind);
      if (answer.kind !== 'out') continue;
      expect(answer.offset).toBe(at[answer.stream]);
      at[answer.stream] += answer.data.byteLength;
      attached.send({ kind: 'credit', bytes: answer.data.byteLength });
    }
    expect(at).toEqual({ stdout: 3_000_000, stderr: 500_000 });
  });

  test('nobody who has left, and nobody who only looks, holds a command up', async () => {
    await using runner = await RunnerProcess.start({ args: ['--keep', '100000', '--keep-all', '100000'] });
    const [client, gone] = [await runner.client(), await runner.client()];
    await client.start('goes-on', ['head', '-c', '3000000', '/dev/zero']);
    gone.attach('goes-on', { window: 0 });
    client.attach('goes-on', { window: 0, follow: false });
    await gone.close();
    await expect
      .poll(async () => {
        const answers = await client.open({ kind: 'commands' }).rest();
        return answers[0];
      }, patience)
      .toMatchObject({ state: 'ended', code: 0 });
  });

  test('a quarter of a GB that nobody reads neither holds the command up nor makes the runner grow', async () => {
    await using runner = await RunnerProcess.start({
      build: 'users',
      args: ['--keep', '8000000', '--keep-all', '16000000'],
    });
    const client = await runner.client();
    await client.start('much', ['head', '-c', '250000000', '/dev/zero']);
    await expect
      .poll(async () => (await client.open({ kind: 'commands' }).rest())[0], patience)
      .toMatchObject({ state: 'ended', code: 0 });
    const { exit, lost, stdout } = await client.outcome('much');
    expect(exit.stdoutBytes).toBe(250_000_000);
    expect(lost[0]?.to).toBe(250_000_000 - stdout.length);
    expect(stdout.length).toBe(8_000_000);
    expect(await runner.memoryBytes()).toBeLessThan(4 * 1024 * 1024);
  });
});
