import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { patience, small, shareSandbox, type Shared } from './sandbox-command.ts';
import { temporaryFolder } from './temporary-folder.ts';

let world: Shared['world'];
let commands: Shared['commands'];
let shared: Shared['shared'];
shareSandbox((made) => ({ world, commands, shared } = made));

const script = (text: string) => commands.sandbox(['exec', shared, '--', 'sh', '-c', text]);

function makeTree(folder: string): string {
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'sub', 'empty'), { recursive: true });
  writeFileSync(join(tree, 'run.sh'), 'echo hello\n');
  chmodSync(join(tree, 'run.sh'), 0o755);
  writeFileSync(join(tree, 'sub', 'bytes'), randomBytes(300_000));
  symlinkSync('../run.sh', join(tree, 'sub', 'link'));
  return tree;
}

/** Every path below a folder, with what a file holds in hexadecimal digits. */
const contentOf = (folder: string) =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length), entry.isFile() ? readFileSync(path, 'hex') : 'no file'];
    }),
  );

test('cp brings a folder up and down again with its content, modes and links, and tells what it copied', async () => {
  using folder = temporaryFolder('cp');
  const tree = makeTree(folder.path);
  const up = await commands.sandbox(['cp', tree, `${shared}:up/`]);
  expect(up.code, String(up.stderr)).toBe(0);
  expect(String(up.stdout)).toBe('');
  expect(String(up.stderr)).toMatch(/^cluster .*\n2 files, 300\.0 kB\n$/);
  const listed = await script('cd up/tree && find . | sort && sh sub/link && stat -c %a run.sh');
  expect(String(listed.stdout)).toBe('.\n./run.sh\n./sub\n./sub/bytes\n./sub/empty\n./sub/link\nhello\n755\n');
  const down = await commands.sandbox(['cp', `${shared}:up/tree/.`, join(folder.path, 'down')]);
  expect(down.code, String(down.stderr)).toBe(0);
  expect(contentOf(join(folder.path, 'down'))).toEqual(contentOf(tree));
  expect(readlinkSync(join(folder.path, 'down', 'sub', 'link'))).toBe('../run.sh');
  expect(statSync(join(folder.path, 'down', 'run.sh')).mode & 0o777).toBe(0o755);
});

test('a file goes into a folder that is there under its own name, and else gets the new one', async () => {
  using folder = temporaryFolder('cp');
  const file = join(folder.path, 'one.txt');
  writeFileSync(file, 'one');
  await script('mkdir there && ln -s there leads');
  for (const to of ['there', 'leads/two.txt', 'new/', 'renamed.txt']) {
    const { code, stderr } = await commands.sandbox(['cp', file, `${shared}:${to}`]);
    expect(code, String(stderr)).toBe(0);
  }
  const { stdout } = await script('cat there/one.txt there/two.txt new/one.txt renamed.txt');
  expect(String(stdout)).toBe('oneoneoneone');
  const { code } = await commands.sandbox(['cp', `${shared}:renamed.txt`, folder.path]);
  expect([code, readFileSync(join(folder.path, 'renamed.txt'), 'utf8')]).toEqual([0, 'one']);
});

test('what cannot be copied is named, and nothing else is copied', async () => {
  using folder = temporaryFolder('cp');
  const tree = makeTree(folder.path);
  symlinkSync('/etc/passwd', join(tree, 'out'));
  const out = await commands.sandbox(['cp', tree, `${shared}:refused`]);
  expect([out.code, String(out.stderr)]).toEqual([3, expect.stringContaining('out')]);
  expect((await script('test -e refused')).code).toBe(1);
  const missing = await commands.sandbox(['cp', `${shared}:no-such-file`, folder.path]);
  expect([missing.code, String(missing.stderr)]).toEqual([
    1,
    expect.stringContaining('no-such-file: it is not there.'),
  ]);
  expect((await commands.sandbox(['cp', join(folder.path, 'none'), `${shared}:`])).code).toBe(2);
});

test('create --json prints the id and more, list shows it, its name leads to it, and kill leaves nothing', async () => {
  const made = await commands.sandbox([
    'create',
    ...small,
    '--name',
    'box',
    '--lifetime',
    '10m',
    '--json',
    'busybox:1',
  ]);
  expect(made.code, String(made.stderr)).toBe(0);
  const { id, ...more } = JSON.parse(String(made.stdout));
  expect(id).toMatch(/^sandbox-[0-9a-f]{10}$/);
  expect(more).toMatchObject({ name: 'box', image: 'busybox:1', namespace: world.namespace, state: 'running' });
  expect(Date.parse(more.expiresAt) - Date.parse(more.createdAt)).toBeLessThan(11 * 60_000);
  const listed = JSON.parse(String((await commands.sandbox(['list', '--json'])).stdout));
  expect(listed).toContainEqual(expect.objectContaining({ id, name: 'box' }));
  // The cluster says a moment later what has answered already.
  const line = new RegExp(`^${id} +box +busybox:1 +running `, 'm');
  await vi.waitFor(async () => expect(String((await commands.sandbox(['list'])).stdout)).toMatch(line), patience);
  const taken = await commands.sandbox(['create', ...small, '--name', 'box', 'busybox:1']);
  expect([taken.code, String(taken.stderr)]).toEqual([2, expect.stringContaining(id)]);
  expect(String((await commands.sandbox(['exec', 'box', '--', 'echo', 'here'])).stdout)).toBe('here\n');
  const killed = await commands.sandbox(['kill', 'box', 'sandbox-0123456789']);
  expect([killed.code, String(killed.stdout)]).toEqual([3, `${id}\n`]);
  expect(String(killed.stderr)).toContain('There is no sandbox sandbox-0123456789.');
  expect(await world.left(id)).toEqual([]);
});

test('a command that is left running is listed by ps, followed by logs, and both outputs stay apart', async () => {
  const text = 'echo out; echo err >&2; until test -e go; do sleep 0.1; done; echo done; exit 3';
  const started = await commands.sandbox(['exec', '--detach', shared, '--', 'sh', '-c', text]);
  expect(started.code, String(started.stderr)).toBe(0);
  const command = String(started.stdout).trim();
  expect(String((await commands.sandbox(['ps', shared])).stdout)).toMatch(new RegExp(`^${command} +running `, 'm'));
  await using following = commands.startSandbox(['logs', '--follow', shared, command]);
  await vi.waitFor(() => expect(following.stdout()).toBe('out\n'), patience);
  await script('touch go');
  const { code, stdout, stderr } = await following.finished();
  expect([code, stdout]).toEqual([0, 'out\ndone\n']);
  expect(stderr).toMatch(/^cluster .*\nerr\n$/);
  const listed = JSON.parse(String((await commands.sandbox(['ps', '--json', shared])).stdout));
  expect(listed).toContainEqual(expect.objectContaining({ id: command, state: 'ended', exitCode: 3 }));
  const unknown = await commands.sandbox(['logs', shared, '0123456789abcdef0123456789abcdef']);
  expect([unknown.code, String(unknown.stdout)]).toEqual([3, '']);
});
