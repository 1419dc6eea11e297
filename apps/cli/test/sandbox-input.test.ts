import { expect, test } from 'vitest';
import { run } from './command.ts';
import { kubeconfig } from './kubeconfig.ts';
import { temporaryFolder } from './temporary-folder.ts';

const server = { EPHEMERA_URL: 'http://127.0.0.1:1', EPHEMERA_TOKEN: 'eph_secret' };

test.each([
  ['no command', ['run', 'busybox:1'], {}, 'IMAGE PROGRAM ARGUMENT'],
  ['no sandbox', ['kill'], {}, 'ID'],
  ['a time without a unit', ['create', '--lifetime', '30', 'busybox:1'], {}, '30 is no duration'],
  ['a user by name', ['create', '--user', 'root', 'busybox:1'], {}, 'root'],
  ['a variable that is set nowhere', ['run', '--env', 'NOWHERE', 'busybox:1', '--', 'true'], server, '--env "NOWHERE"'],
  ['a namespace for a server', ['list', '--namespace', 'a'], server, '--namespace is for a cluster'],
  ['a server without a token', ['list'], { EPHEMERA_URL: 'http://127.0.0.1:1' }, 'EPHEMERA_TOKEN is not set'],
  ['what no sandbox is called', ['exec', 'Box_1', '--', 'true'], server, '"Box_1" is neither the id nor the name'],
  ['two paths here', ['cp', 'a', 'b'], server, 'Neither path is in a sandbox'],
  ['a kubeconfig that is not there', ['run', 'busybox:1', '--', 'true'], { KUBECONFIG_PATH: '/nowhere' }, '/nowhere'],
  ['typing into what is left running', ['exec', '-d', '-i', 'box', '--', 'cat'], server, '--detach leaves nobody'],
])('%s ends with 2, and with what to change', async (_what, args, environment, said) => {
  const { code, stdout, stderr } = await run(['sandbox', ...args], environment);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(said);
  expect(stderr).not.toContain('eph_secret');
});

test('where the cluster does not answer a command has no result, 125, and a listing is refused, 3', async () => {
  using folder = temporaryFolder('sandbox');
  const environment = { KUBECONFIG_PATH: kubeconfig(folder.path, ['away']) };
  const [exec, list] = await Promise.all([
    run(['sandbox', 'exec', 'box', '--', 'true'], environment),
    run(['sandbox', 'list', '--json'], environment),
  ]);
  expect([exec.code, exec.stdout, list.code, list.stdout]).toEqual([125, '', 3, '']);
  expect(exec.stderr).toMatch(/^cluster away \(.*\nError: .*127\.0\.0\.1:1/);
});

test('where the server does not answer it is the same', async () => {
  const [exec, list] = await Promise.all([
    run(['sandbox', 'exec', 'box', '--', 'true'], server),
    run(['sandbox', 'list'], server),
  ]);
  expect([exec.code, exec.stdout, list.code, list.stdout]).toEqual([125, '', 3, '']);
  expect(exec.stderr).toContain('The server at http://127.0.0.1:1 cannot be reached');
});
