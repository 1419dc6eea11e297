import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { execServer, success } from '../test/exec-server.ts';

const folder = import.meta.dirname;

/** Runs a program with an open `stream` in a process of its own, which is killed after 15 s: then this throws. */
async function inProcess(url: string, program: string): Promise<string> {
  const script = `
    import { openConnection } from '${join(folder, 'connection.ts')}';
    import { exec } from '${join(folder, 'exec.ts')}';
    import { accessTo } from '${join(folder, '..', 'test', 'api-server.ts')}';
    import { target } from '${join(folder, '..', 'test', 'exec-server.ts')}';
    const stream = await exec(await openConnection(accessTo('${url}')), { ...target, pingEveryMs: 300 });
    ${program}`;
  const args = ['--input-type=module-typescript', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 15_000 });
  return stdout.trim();
}

test('an open stream that was let go of does not keep the process alive', async () => {
  await using api = await execServer();
  expect(await inProcess(api.url, `stream.unref(); stream.ended.then(() => console.log('ended'));`)).toBe('');
  await expect.poll(api.sockets).toBe(0);
}, 20_000);

test('one that was not keeps it alive until its end', async () => {
  await using api = await execServer({ onPeer: ({ socket, status }) => socket.once('ping', () => status(success)) });
  expect(await inProcess(api.url, `stream.ended.then(({ kind }) => console.log(kind));`)).toBe('exited');
}, 20_000);
