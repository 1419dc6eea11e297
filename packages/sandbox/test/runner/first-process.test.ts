import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hostileProgram, lacksCompilers, usersBuild } from './builds.ts';
import { RunnerClient } from './client.ts';
import { BUILD_MS, patience } from './runner-process.ts';

/** A process namespace of its own, as a container has. */
const lacksNamespaces = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status !== 0;

describe.skipIf(lacksCompilers || lacksNamespaces)('as the first process', () => {
  let folder: string;
  let program: string;
  let unshare: ReturnType<typeof spawn>;
  let init: number;
  let client: RunnerClient;
  const serving: ReturnType<typeof spawn>[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ephemera-runner-'));
    program = join(folder, 'runner');
    await copyFile(await usersBuild(), program);
    const args = ['init', '--work', join(folder, 'work'), '--output', folder, '--socket', join(folder, 'socket')];
    const own = ['--pid', '--fork', '--mount-proc', '--kill-child', program, ...args, '--expires-in', '300000'];
    unshare = spawn('unshare', own, { stdio: 'ignore' });
    init = await vi.waitFor(async () => {
      const children = await readFile(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8');
      expect(await readFile(`/proc/${Number(children)}/cmdline`, 'utf8')).toContain(`${program}\0init`);
      return Number(children);
    }, patience);
    client = enter();
  }, BUILD_MS);
  afterAll(async () => {
    for (const child of serving) child.stdin?.end();
    const ended = once(unshare, 'exit');
    process.kill(init, 'SIGTERM');
    expect((await ended)[0]).toBe(143);
    await rm(folder, { recursive: true });
  });

  /** As the cluster's exec call does it: the parent of what runs is outside. */
  const enter = (): RunnerClient => {
    const args = ['-t', String(init), '--pid', '--mount', program, 'serve', '--socket', join(folder, 'socket')];
    const child = spawn('nsenter', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    serving.push(child);
    return new RunnerClient(child.stdout, child.stdin);
  };

  test('it serves who comes in from outside, and nobody from inside', async () => {
    expect((await client.run('inside', ['sh', '-c', 'echo $PPID'])).stdout.toString()).toBe('1\n');
    const { stdout, exit } = await client.run('as-client', [program, 'serve', '--socket', join(folder, 'socket')]);
    expect([String(stdout), exit.code]).toEqual(['', 0]);
  });

  test('no signal from inside ends or stops it, and none to all ends the streams of clients', async () => {
    const script =
      'for signal in TERM INT KILL STOP HUP CHLD PIPE SEGV; do kill -$signal 1; done; kill -TERM -1; echo sent';
    const { stdout } = await client.run('signals', ['sh', '-c', `trap "" TERM; ${script}`]);
    expect(String(stdout)).toBe('sent\n');
    expect(String((await enter().run('after', ['echo', 'alive'])).stdout)).toBe('alive\n');
  });

  test('no signal that is queued with the sender 0 ends it', async () => {
    const forge = await hostileProgram('forge-signal');
    expect(String((await client.run('forge', [forge])).stdout)).toBe('sent\n');
    expect((await client.run('after-forge', ['sh', '-c', 'sleep 0.2; exit 4'])).exit.code).toBe(4);
  });

  test('who listens in its place is not spoken to', async () => {
    const socket = join(folder, 'other');
    const script = `${program} init --work ${folder}/work --output ${folder} --socket ${socket} --any-client --expires-in 60000`;
    await client.start('impostor', ['sh', '-c', script]);
    const args = ['-t', String(init), '--pid', '--mount', program, 'serve', '--socket', socket];
    const child = spawn('nsenter', args, { stdio: ['pipe', 'ignore', 'pipe'] });
    const said = child.stderr.toArray();
    expect((await once(child, 'close'))[0]).toBe(1);
    expect(String(await said)).toContain('not the first process');
    await client.ask({ kind: 'kill', id: 'impostor', graceMs: 0 }, 'done');
    expect((await client.outcome('impostor')).exit.code).toBe(9);
  });

  test('what lost its parents is ended with its command, and zombies are reaped', async () => {
    await client.start('tree', ['sh', '-c', '(setsid sh -c "sleep 1000 & sleep 1000" &) ; echo up; exec sleep 1000']);
    await client.attach('tree').next();
    await vi.waitFor(async () => {
      const { figures } = await client.ask({ kind: 'info' }, 'info');
      expect(figures.find(({ name }) => name === 'commands_running')?.value).toBe(1);
      expect(
        String((await client.run(`ps-${crypto.randomUUID()}`, ['ps', '-e', '-o', 'args='])).stdout).match(/^sleep/gm),
      ).toHaveLength(3);
    }, patience);
    await client.ask({ kind: 'kill', id: 'tree', graceMs: 0 }, 'done');
    await vi.waitFor(async () => {
      expect(String((await client.run(`ps-${crypto.randomUUID()}`, ['ps', '-e', '-o', 'args='])).stdout)).not.toContain(
        'sleep',
      );
    }, patience);
  });
});
