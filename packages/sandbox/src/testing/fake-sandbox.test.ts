import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createLink } from '../link/link.ts';
import { Sandbox } from '../sandbox.ts';
import { fakeHost, FakeSandbox, shellOf, type FakeProcess } from './index.ts';

test('a program of a test answers as a command of a sandbox would, also when the stream breaks under it', async () => {
  let cut = 0;
  await using sandbox = await FakeSandbox.create({
    files: { 'package.json': '{}', 'bin/tool': { content: 'x', mode: 0o755 }, 'a-link': { link: 'package.json' } },
    programs: {
      npm: async (process) => {
        await process.stdout.write(`${process.files.readText('a-link')} `);
        cut += sandbox.faults.cutStreams();
        await process.stdout.write(process.argv.join(' '));
        return 1;
      },
    },
  });
  expect(await sandbox.commands.run(['npm', 'test'])).toMatchObject({ exitCode: 1, stdout: '{} npm test' });
  expect(cut).toBe(1);
  expect((await sandbox.files.stat('bin/tool')).mode).toBe(0o755);
  expect(await sandbox.commands.run(['/usr/bin/npm'])).toMatchObject({ exitCode: 1, stdout: '{} /usr/bin/npm' });
});

test('a program may be no more than its outcome, or a text', async () => {
  await using sandbox = await FakeSandbox.create({
    programs: { git: 'main\n', tsc: { stderr: 'error TS1\n', exitCode: 2 } },
  });
  expect(await sandbox.commands.run(['git', 'branch'])).toMatchObject({ exitCode: 0, stdout: 'main\n' });
  expect(await sandbox.commands.run(['tsc'])).toMatchObject({ exitCode: 2, stderr: 'error TS1\n' });
});

test('what a program writes is all there at its end, also where it did not wait for it', async () => {
  const chatty = ({ stdout }: FakeProcess) => {
    for (let line = 0; line < 20_000; line += 1) void stdout.write(`line ${line}\n`);
  };
  await using sandbox = await FakeSandbox.create({ programs: { chatty } });
  const { stdout } = await sandbox.commands.run(['chatty']);
  expect(stdout).toBe(Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`).join(''));
});

test('what a program throws goes to its standard error, and its exit code is 1', async () => {
  const npm = () => {
    throw new Error('no such script');
  };
  await using sandbox = await FakeSandbox.create({ programs: { npm } });
  expect(await sandbox.commands.run(['npm'])).toMatchObject({ exitCode: 1, stderr: 'npm: no such script\n' });
});

test('nothing can be run that was not given, not even a shell', async () => {
  await using sandbox = await FakeSandbox.create();
  await expect(sandbox.commands.run(['true'])).rejects.toMatchObject({ code: 'sandbox.command_not_started' });
  await expect(sandbox.commands.shell('true')).rejects.toMatchObject({ code: 'sandbox.command_not_started' });
});

test('a shell knows the scripts that it was given, and no others', async () => {
  const install = async ({ files }: FakeProcess) => files.write('node_modules/x', '');
  await using sandbox = await FakeSandbox.create({ programs: { sh: shellOf({ 'npm ci && npm test': install }) } });
  expect(await sandbox.commands.shell('npm ci && npm test')).toMatchObject({ exitCode: 0 });
  expect((await sandbox.files.list()).map(({ path }) => path)).toEqual(['node_modules']);
  const unknown = await sandbox.commands.shell('toString');
  expect(unknown).toMatchObject({ exitCode: 127 });
  expect(unknown.stderr).toContain('"toString"');
});

test('a program handles signals, ends its children, and goes no further once it is killed', async () => {
  const seen: string[] = [];
  await using sandbox = await FakeSandbox.create({
    programs: {
      server: async (process) => {
        const child = process.spawn(['worker'], { output: 'pipe', env: { ROLE: 'worker' } });
        process.onSignal('SIGHUP', async () => {
          child.kill();
          const { signal, exitCode } = await child.wait();
          await process.stdout.write(`${await child.stdout.text()} ${signal} ${exitCode}\n`);
        });
        await process.stdout.write('ready\n');
        await process.forEver();
        seen.push('after its end');
      },
      worker: async ({ env, stdout, forEver }) => {
        await stdout.write(env['ROLE'] ?? '');
        await forEver();
      },
    },
  });
  const handle = await sandbox.commands.start(['server']);
  await sandbox.waitForLog(handle, 'ready');
  await handle.kill({ signal: 'SIGHUP' });
  await sandbox.waitForLog(handle, 'worker SIGTERM 143');
  await handle.kill();
  expect(await handle.wait()).toMatchObject({ exitCode: 143 });
  expect(seen).toEqual([]);
});

test('the clock is put forward, so that a limit of an hour takes no time', async () => {
  await using sandbox = await FakeSandbox.create({
    timeoutMs: 86_400_000,
    programs: { slow: ({ sleep }) => sleep(7_200_000), wait: ({ forEver }) => forEver() },
  });
  const limited = sandbox.commands.run(['wait'], { timeoutMs: 3_600_000 });
  const slow = sandbox.commands.run(['slow']);
  await expect.poll(async () => (await sandbox.commands.list()).length).toBe(2);
  sandbox.faults.passTime(3_600_000);
  expect(await limited).toMatchObject({ exitCode: 124, timedOut: true });
  sandbox.faults.passTime(3_600_000);
  expect(await slow).toMatchObject({ exitCode: 0, timedOut: false });
});

test('a real server of Node.js answers at a port of the fake', async () => {
  const server = createServer((request, response) => response.end(`you asked for ${request.url}`));
  await using sandbox = await FakeSandbox.create({
    programs: {
      web: async ({ listen, forEver }) => {
        listen(3000, (socket) => void server.emit('connection', socket.duplex()));
        await forEver();
      },
    },
  });
  await sandbox.commands.start(['web']);
  await sandbox.waitForPort(3000);
  await using forwarded = await sandbox.forward(3000);
  expect(await (await fetch(`${forwarded.url}/cart`)).text()).toBe('you asked for /cart');
});

test('a start is refused as the cluster refuses it', async () => {
  const refuseStart = { diagnosis: 'pod.image_pull', reason: 'there is no such image' };
  await expect(FakeSandbox.create({ refuseStart })).rejects.toMatchObject({
    code: 'sandbox.start_failed',
    details: { diagnosis: 'pod.image_pull' },
  });
});

test('output for which there is no disk makes the exit code no result', async () => {
  await using sandbox = await FakeSandbox.create({ programs: { npm: { stdout: 'much', exitCode: 0 } } });
  sandbox.faults.diskFull('output');
  await expect(sandbox.commands.run(['npm'])).rejects.toMatchObject({ code: 'sandbox.command_disk_full' });
  sandbox.faults.diskFull();
  await expect(sandbox.files.write('file', 'x')).rejects.toMatchObject({ details: { kind: 'no_space' } });
});

test('a container that starts anew is no longer the sandbox that was connected to', async () => {
  await using sandbox = await FakeSandbox.create({ files: { kept: 'yes' }, programs: { wait: (p) => p.forEver() } });
  const handle = await sandbox.commands.start(['wait']);
  const waiting = handle.wait();
  sandbox.faults.restart();
  await expect(waiting).rejects.toMatchObject({ code: 'sandbox.restarted' });
  const other = await Sandbox.connect(sandbox.id, { on: sandbox.host });
  expect(await other.files.readText('kept')).toBe('yes');
  expect(await other.commands.list()).toEqual([]);
  await other.disconnect();
});

test('of all who ask for a name at once each gets the same sandbox', async () => {
  const on = fakeHost();
  const all = await Promise.all(Array.from({ length: 5 }, () => Sandbox.getOrCreate('cart', { on })));
  expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  expect(await Sandbox.list({ on })).toMatchObject([{ name: 'cart', state: 'running' }]);
  await Promise.all(all.map((one) => one.kill()));
  expect(await Sandbox.list({ on })).toEqual([]);
});

test('streams that are stalled are given up for new ones', async () => {
  const host = fakeHost();
  const place = await host.create({});
  const link = createLink(place, { pingEveryMs: 30 });
  await link.ask({ kind: 'info' });
  expect(host.faults(place.id).stallStreams()).toBe(1);
  expect(await link.ask({ kind: 'info' }, { repeat: true })).toMatchObject([{ kind: 'info' }]);
  link.dispose();
  await place.remove();
});
