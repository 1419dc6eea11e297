import type { FakeProgram } from '@ephemera/sandbox/testing';
import { expect, test as base, vi } from 'vitest';
import { revokeToken } from '../tokens/tokens.ts';
import { startSandboxApp, type SandboxApp, type SandboxCaller } from '../../test/sandbox-app.ts';
import { readEvents, type ReadEvents } from '../../test/sent-events.ts';

const binary = Uint8Array.of(0xff, 0x00, 0x80, 0x0a);
const soon = { timeout: 10_000 };

interface Fixture {
  /** How the programs `wait` were ended. */
  ended: string[];
  app: SandboxApp;
  ci: SandboxCaller;
  id: string;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  ended: async ({}, use) => use([]),
  app: async ({ ended }, use) => {
    await using app = await startSandboxApp({ programs: programs(ended), tokenLookMs: 50 });
    await use(app);
  },
  ci: async ({ app }, use) => use(await app.as()),
  id: async ({ ci }, use) => use((await ci.create({ env: { GREETING: 'hello' } })).id),
});

function programs(ended: string[]): Readonly<Record<string, FakeProgram>> {
  return {
    greet: async ({ stdout, stderr, env, argv, cwd }) => {
      await stdout.write(`${env['GREETING']} ${env['NAME']} ${argv.slice(1).join('|')} ${cwd}`);
      await stderr.write('€uro');
      return 3;
    },
    binary: async ({ stdout }) => stdout.write(binary),
    cat: async ({ stdin, stdout }) => {
      for await (const piece of stdin) await stdout.write(piece);
    },
    wait: async (process) => {
      process.onSignal('SIGTERM', () => {
        ended.push('SIGTERM');
        process.exit(143);
      });
      await process.stdout.write('waiting\n');
      return process.forEver();
    },
    die: async ({ kill, pid, forEver }) => {
      kill(pid, 'SIGKILL');
      return forEver();
    },
    oom: async ({ outOfMemory }) => outOfMemory(),
  };
}

const textOf = ({ events }: ReadEvents, stream: string): string =>
  events
    .filter(({ event }) => event === stream)
    .map(({ data }) => String(data['text']))
    .join('');
const last = ({ events }: ReadEvents) => events.at(-1);

/** Started, and seen to write. */
async function detached(ci: SandboxCaller, id: string, body: object): Promise<string> {
  const { status, body: answer } = await ci.ask('POST', `/${id}/commands`, { ...body, detach: true });
  expect(status).toBe(202);
  return String(answer['command']);
}

async function logs(ci: SandboxCaller, path: string, headers: Readonly<Record<string, string>> = {}) {
  return readEvents(await ci.fetch(path, { headers }));
}

test('a command is run with its arguments, folder and environment, and tells what it writes and how it ends', async ({
  ci,
  id,
}) => {
  const run = await ci.run(id, { argv: ['greet', 'a b', '$HOME'], cwd: '/tmp', env: { NAME: 'world' } });
  await run.ended;
  expect(run.events[0]).toMatchObject({ event: 'started', data: { command: expect.any(String) } });
  expect(textOf(run, 'stdout')).toBe('hello world a b|$HOME /tmp');
  expect(textOf(run, 'stderr')).toBe('€uro');
  expect(last(run)).toMatchObject({
    event: 'exit',
    data: { exit_code: 3, timed_out: false, stdout_bytes: 26, stderr_bytes: 6 },
  });
});

test('what is no text arrives byte for byte', async ({ ci, id }) => {
  const run = await ci.run(id, { argv: ['binary'] });
  await run.ended;
  const out = run.events.find(({ event }) => event === 'stdout');
  expect(out?.data).toEqual({ offset: 0, base64: Buffer.from(binary).toString('base64') });
});

test('a command reads what it is given, as text or as bytes', async ({ ci, id }) => {
  const text = await ci.run(id, { argv: ['cat'], stdin: 'über\n' });
  const bytes = await ci.run(id, { argv: ['cat'], stdin_base64: Buffer.from(binary).toString('base64') });
  const nothing = await ci.run(id, { argv: ['cat'] });
  await Promise.all([text.ended, bytes.ended, nothing.ended]);
  expect(textOf(text, 'stdout')).toBe('über\n');
  expect(bytes.events[1]?.data['base64']).toBe(Buffer.from(binary).toString('base64'));
  expect(nothing.events.map(({ event }) => event)).toEqual(['started', 'exit']);
});

test('a signal and the end of its time are told as such', async ({ ci, id }) => {
  const killed = await ci.run(id, { argv: ['die'] });
  const late = await ci.run(id, { argv: ['wait'], timeout_ms: 50 });
  await Promise.all([killed.ended, late.ended]);
  expect(last(killed)?.data).toMatchObject({ exit_code: 137, signal: 'SIGKILL' });
  expect(last(late)?.data).toMatchObject({ exit_code: 124, timed_out: true });
});

test('a command that the kernel has killed for memory has no result, but an error', async ({ ci, id }) => {
  const run = await ci.run(id, { argv: ['oom'] });
  await run.ended;
  expect(last(run)).toMatchObject({
    event: 'error',
    data: { code: 'sandbox.command_out_of_memory', retryable: false },
  });
});

test.each([
  [{ argv: ['nothing-of-that-name'] }, 422, 'sandbox.command_not_started'],
  [{ argv: ['greet'], cwd: '/nowhere' }, 422, 'sandbox.command_not_started'],
  [{ argv: ['a\0b'] }, 400, 'sandbox.invalid'],
  [{ argv: ['greet'], env: { 'A=B': 'x' } }, 400, 'sandbox.invalid'],
  [{ argv: ['greet'], timeout_ms: 0 }, 400, 'sandbox.invalid'],
  [{}, 400, 'request.invalid'],
  [{ argv: ['greet'], shell: 'greet' }, 400, 'request.invalid'],
  [{ argv: [] }, 400, 'request.invalid'],
  [{ argv: ['cat'], stdin_base64: '***' }, 400, 'request.invalid'],
  [{ argv: ['cat'], keep_stdin: true }, 400, 'request.invalid'],
])('%j is answered before anything is streamed', async (body, status, code) => {
  await using app = await startSandboxApp({ programs: programs([]) });
  const ci = await app.as();
  const { id } = await ci.create();
  expect(await ci.ask('POST', `/${id}/commands`, body)).toMatchObject({ status, body: { code } });
});

test('closing the stream ends the command', async ({ ci, id, ended }) => {
  const run = await ci.run(id, { argv: ['wait'] });
  await vi.waitFor(() => expect(textOf(run, 'stdout')).toBe('waiting\n'), soon);
  run.leave();
  await vi.waitFor(() => expect(ended).toEqual(['SIGTERM']), soon);
});

test('a detached command goes on when nobody reads, and is killed by its id', async ({ ci, id, ended }) => {
  const command = await detached(ci, id, { argv: ['wait'] });
  const reading = await logs(ci, `/${id}/commands/${command}/logs`);
  await vi.waitFor(() => expect(textOf(reading, 'stdout')).toBe('waiting\n'), soon);
  reading.leave();
  expect((await ci.ask('GET', `/${id}/commands`)).body).toMatchObject([
    { id: command, argv: ['wait'], state: 'running' },
  ]);
  expect(ended).toEqual([]);
  expect((await ci.ask('POST', `/${id}/commands/${command}/kill`)).status).toBe(204);
  await vi.waitFor(
    async () =>
      expect((await ci.ask('GET', `/${id}/commands/${command}`)).body).toMatchObject({
        state: 'ended',
        exit_code: 143,
      }),
    soon,
  );
});

test('logs go on where the reader was, by offset and by the id of the last event', async ({ ci, id }) => {
  const command = await detached(ci, id, { argv: ['cat'], stdin: '0123456789', keep_stdin: true });
  const path = `/${id}/commands/${command}`;
  const first = await logs(ci, `${path}/logs`);
  await vi.waitFor(() => expect(textOf(first, 'stdout')).toBe('0123456789'), soon);
  first.leave();
  const more = await ci.fetch(`${path}/stdin?close=true`, { method: 'POST', body: 'abc' });
  expect(more.status).toBe(204);
  const resumed = await logs(ci, `${path}/logs`, { 'last-event-id': last(first)?.id ?? '' });
  const from = await logs(ci, `${path}/logs?from_stdout=8`);
  await Promise.all([resumed.ended, from.ended]);
  expect(textOf(resumed, 'stdout')).toBe('abc');
  expect(textOf(from, 'stdout')).toBe('89abc');
  expect(last(resumed)).toMatchObject({ event: 'exit', data: { exit_code: 0, stdout_bytes: 13 } });
});

test('what two writers send at once to a command arrives whole, of each', async ({ ci, id }) => {
  const command = await detached(ci, id, { argv: ['cat'], keep_stdin: true });
  const path = `/${id}/commands/${command}`;
  const write = (body: string) => ci.fetch(`${path}/stdin`, { method: 'POST', body });
  const answers = await Promise.all([write('a'.repeat(1_000)), write('b'.repeat(1_000)), write('c'.repeat(1_000))]);
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
  await ci.fetch(`${path}/stdin?close=true`, { method: 'POST', body: '' });
  const all = await logs(ci, `${path}/logs`);
  await all.ended;
  expect(
    textOf(all, 'stdout')
      .match(/a+|b+|c+/g)
      ?.map((run) => run.length),
  ).toEqual([1_000, 1_000, 1_000]);
});

test('a start and a write that are sent twice are one', async ({ ci, id }) => {
  const order = { id: 'build', argv: ['cat'], stdin: 'one ', keep_stdin: true };
  expect([await detached(ci, id, order), await detached(ci, id, order)]).toEqual(['build', 'build']);
  const path = `/${id}/commands/build`;
  const write = async (query: string, body: string) =>
    (await ci.fetch(`${path}/stdin?${query}`, { method: 'POST', body })).status;
  expect([await write('offset=4', 'two '), await write('offset=4', 'two ')]).toEqual([204, 204]);
  expect(await write('offset=99', 'lost')).toBe(400);
  expect([await write('offset=8&close=true', 'three'), await write('offset=8&close=true', 'three')]).toEqual([
    204, 204,
  ]);
  const all = await logs(ci, `${path}/logs`);
  await all.ended;
  expect(textOf(all, 'stdout')).toBe('one two three');
  const other = await ci.ask('POST', `/${id}/commands`, { ...order, argv: ['greet'], detach: true });
  expect(other).toMatchObject({ status: 400, body: { code: 'sandbox.invalid' } });
});

test('a command with an id goes on when its connection is closed, and the request may be repeated', async ({
  ci,
  id,
  ended,
}) => {
  const order = { id: 'build', argv: ['wait'] };
  const [run, unnamed] = [await ci.run(id, order), await ci.run(id, { argv: ['wait'] })];
  for (const one of [run, unnamed]) await vi.waitFor(() => expect(textOf(one, 'stdout')).toBe('waiting\n'), soon);
  run.leave();
  unnamed.leave();
  // By then the server has seen that both have left.
  await vi.waitFor(() => expect(ended).toHaveLength(1), soon);
  expect((await ci.ask('GET', `/${id}/commands/build`)).body).toMatchObject({ state: 'running' });
  const again = await ci.run(id, order);
  await vi.waitFor(() => expect(textOf(again, 'stdout')).toBe('waiting\n'), soon);
  expect(ended).toHaveLength(1);
  await ci.ask('POST', `/${id}/commands/build/kill`);
  await again.ended;
  expect(last(again)).toMatchObject({ event: 'exit' });
});

test('without following, logs end where they are', async ({ ci, id }) => {
  const command = await detached(ci, id, { argv: ['wait'] });
  const path = `/${id}/commands/${command}/logs?follow=false`;
  await vi.waitFor(async () => {
    const now = await logs(ci, path);
    await now.ended;
    expect(now.events.map(({ event }) => event)).toEqual(['stdout', 'running']);
  }, soon);
});

test('what reads nothing more says so, and an unknown command is not there', async ({ ci, id }) => {
  const command = await detached(ci, id, { argv: ['wait'] });
  const write = await ci.ask('POST', `/${id}/commands/${command}/stdin`, { a: 1 });
  expect(write).toMatchObject({ status: 409, body: { code: 'sandbox.stdin_closed' } });
  for (const path of ['', '/logs', '/logs?follow=false'])
    expect(await ci.ask('GET', `/${id}/commands/unknown${path}`)).toMatchObject({
      status: 404,
      body: { code: 'sandbox.command_unknown' },
    });
});

test('a sandbox that is gone in the middle is an error, and no exit', async ({ app, ci, id }) => {
  const run = await ci.run(id, { argv: ['wait'] });
  await vi.waitFor(() => expect(textOf(run, 'stdout')).toBe('waiting\n'), soon);
  app.host.faults(id).deletePod();
  await run.ended;
  expect(last(run)).toMatchObject({ event: 'error', data: { code: 'sandbox.gone' } });
});

test('a stream to the sandbox that breaks is mended without the reader noticing', async ({ app, ci, id }) => {
  const command = await detached(ci, id, { argv: ['cat'], keep_stdin: true });
  const path = `/${id}/commands/${command}`;
  const reading = await logs(ci, `${path}/logs`);
  for (const piece of ['one', 'two', 'three']) {
    await ci.fetch(`${path}/stdin?close=${piece === 'three'}`, { method: 'POST', body: piece });
    await vi.waitFor(() => expect(textOf(reading, 'stdout')).toContain(piece), soon);
    app.host.faults(id).cutStreams();
  }
  await reading.ended;
  expect(textOf(reading, 'stdout')).toBe('onetwothree');
  expect(last(reading)).toMatchObject({ event: 'exit', data: { exit_code: 0 } });
});

test('a token that is revoked reads nothing more', async ({ app, ci, id }) => {
  const run = await ci.run(id, { argv: ['wait'] });
  await vi.waitFor(() => expect(textOf(run, 'stdout')).toBe('waiting\n'), soon);
  await revokeToken(app.server.database.db, ci.name);
  await run.ended;
  expect(last(run)).toMatchObject({ event: 'error', data: { code: 'sandbox.token_over' } });
});

test('a server that stops says so, and leaves the command running', async ({ ended }) => {
  const stopping = new AbortController();
  await using app = await startSandboxApp({ programs: programs(ended), change: { stopping: stopping.signal } });
  const ci = await app.as();
  const { id } = await ci.create();
  const run = await ci.run(id, { argv: ['wait'] });
  await vi.waitFor(() => expect(textOf(run, 'stdout')).toBe('waiting\n'), soon);
  stopping.abort();
  await run.ended;
  expect(last(run)).toMatchObject({ event: 'error', data: { code: 'sandbox.server_stopping', retryable: true } });
  const commands = await ci.ask('GET', `/${id}/commands`);
  expect(commands.body).toMatchObject([{ state: 'running' }]);
  expect(ended).toEqual([]);
});
