import { Sandbox, serverHost } from '@ephemera/sandbox';
import { expect, test } from 'vitest';
import { prJobsApi } from './pr-jobs-api.ts';
import { sandboxCaller } from './sandbox-app.ts';
import { startSandboxStage } from './sandbox-stage.ts';
import { readEvents, type ReadEvents } from './sent-events.ts';
import { soon } from './world.ts';

const image = 'busybox:1';
const textOf = ({ events }: ReadEvents, stream: string): string =>
  events
    .filter(({ event }) => event === stream)
    .map(({ data }) => String(data['text']))
    .join('');

test('with the documented rights and a token a sandbox is made, runs commands, keeps files, and leaves nothing', async () => {
  await using stage = await startSandboxStage();
  await using server = await stage.start();
  const ci = sandboxCaller(server.url, { name: 'ci', token: stage.token });
  const { id } = await ci.create({ image, env: { GREETING: 'hello' } });
  expect(await stage.contents()).toContain(`job.batch/${id}`);

  const run = await ci.run(id, { shell: 'echo "$GREETING"; echo oh >&2; cat; exit 7', stdin: 'in' });
  await run.ended;
  expect([textOf(run, 'stdout'), textOf(run, 'stderr')]).toEqual(['hello\nin', 'oh\n']);
  expect(run.events.at(-1)).toMatchObject({ event: 'exit', data: { exit_code: 7 } });

  const content = Buffer.alloc(5_000_000, 'abcdefg');
  expect((await ci.fetch(`/${id}/files?path=a/b`, { method: 'PUT', body: content })).status).toBe(204);
  expect(Buffer.from(await (await ci.fetch(`/${id}/files?path=a/b`)).arrayBuffer()).equals(content)).toBe(true);
  const listed = await ci.ask('GET', `/${id}/files/list?recursive=true`);
  expect(listed.body).toMatchObject([{ path: 'a' }, { path: 'a/b', size: content.length }]);

  const left = await ci.run(id, { argv: ['sleep', '3600'] });
  await soon(async () => expect(left.events).toHaveLength(1));
  left.leave();
  await soon(async () => {
    const { body } = await ci.ask('GET', `/${id}/commands`);
    const states = (body as unknown as { argv: string[]; state: string }[]).map(
      ({ argv, state }) => `${argv[0]} ${state}`,
    );
    expect(states).toContain('sleep ended');
  });

  expect((await ci.ask('DELETE', `/${id}`)).status).toBe(204);
  expect(await stage.contents()).toEqual([]);
});

test('a server that is killed in the middle of commands is back, and nobody has lost a byte', async () => {
  await using stage = await startSandboxStage();
  await using first = await stage.start();
  const on = serverHost({ url: first.url, token: stage.token });
  const sandbox = await Sandbox.create({ on, image });
  const gate = 'i=0; while [ ! -e go ]; do i=$((i+1)); echo $i; sleep 0.02; done; echo last $i; exit 5';
  let seen = '';
  const running = sandbox.commands.run(['/bin/sh', '-c', gate], {
    onStdout: (bytes) => void (seen += Buffer.from(bytes)),
  });
  const ci = sandboxCaller(first.url, { name: 'ci', token: stage.token });
  const { body } = await ci.ask('POST', `/${sandbox.id}/commands`, { shell: gate, detach: true });
  const logs = `/${sandbox.id}/commands/${String(body['command'])}/logs`;
  const reading = readEvents(await ci.fetch(logs));
  // Of the stream that is cut off.
  const cut = reading.ended.then(
    () => 'ended',
    () => 'cut off',
  );
  await soon(async () => expect(Math.min(seen.length, textOf(reading, 'stdout').length)).toBeGreaterThan(50));
  await first.kill();
  expect(await cut).toBe('cut off');

  await using second = await stage.start(new URL(first.url).port);
  expect(second.url).toBe(first.url);
  const before = seen.length;
  await soon(async () => expect(seen.length).toBeGreaterThan(before + 50));
  const resumed = readEvents(await ci.fetch(logs, { headers: { 'last-event-id': reading.events.at(-1)?.id ?? '' } }));
  await sandbox.files.write('go', '');
  const { exitCode, stdout } = await running;
  await resumed.ended;

  const whole = (output: string): void => {
    const lines = output.trimEnd().split('\n');
    const count = lines.length - 1;
    expect(lines).toEqual([...Array.from({ length: count }, (_, index) => String(index + 1)), `last ${count}`]);
  };
  expect(exitCode).toBe(5);
  whole(stdout);
  whole(seen);
  whole(textOf(reading, 'stdout') + textOf(resumed, 'stdout'));
  expect(resumed.events.at(-1)).toMatchObject({ event: 'exit', data: { exit_code: 5 } });
  await sandbox.kill();
  expect(await stage.contents()).toEqual([]);
});

test('kill -9 of the server while it makes a sandbox leaves nothing after the sweep', async () => {
  await using stage = await startSandboxStage();
  await using first = await stage.start();
  const ci = sandboxCaller(first.url, { name: 'ci', token: stage.token });
  // It is never there, so its start takes until it is given up.
  const asked = ci.ask('POST', '', {
    image: 'docker.io/library/nowhere-to-be-found:1',
    start_timeout_ms: 120_000,
    name: 'fix',
  });
  const refused = asked.then(
    () => 'answered',
    () => 'cut off',
  );
  await soon(async () => expect(await stage.contents()).not.toEqual([]), { interval: 5 });
  await first.kill();
  expect(await refused).toBe('cut off');

  await using second = await stage.start();
  const api = prJobsApi(second.url, `Bearer ${stage.token}`);
  await soon(
    async () => {
      await api.sweep();
      expect(await stage.contents()).toEqual([]);
    },
    { interval: 2_000 },
  );
  expect(await stage.database.db.selectFrom('sandboxes').select('id').execute()).toEqual([]);
  // Its name is free again.
  const again = sandboxCaller(second.url, { name: 'ci', token: stage.token });
  const { id } = await again.create({ image, name: 'fix' });
  await again.ask('DELETE', `/${id}`);
});
