import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { patience, shareSandbox, type Shared } from './sandbox-command.ts';

let world: Shared['world'];
let commands: Shared['commands'];
let shared: Shared['shared'];
shareSandbox((made) => ({ world, commands, shared } = made));

const main = join(import.meta.dirname, '..', 'src', 'main.ts');

interface Screen extends AsyncDisposable {
  readonly type: (keys: string) => void;
  readonly text: () => string;
  readonly ended: Promise<number | null>;
}

/** A terminal of 30 rows and 101 columns in which somebody sits, by `script`. */
function sit(args: readonly string[]): Screen {
  const { EPHEMERA_TEST_KUBECONFIG: KUBECONFIG_PATH, EPHEMERA_TEST_CONTEXT: context, PATH, HOME } = process.env;
  const [verb = '', ...rest] = args;
  const where = ['--namespace', world.namespace, ...(context === undefined ? [] : ['--context', context])];
  const words = [process.execPath, '--', main, 'sandbox', verb, ...where, ...rest];
  const child = spawn('script', ['-qefc', `stty rows 30 columns 101; exec ${words.join(' ')}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH, HOME, KUBECONFIG_PATH, NO_COLOR: '1', TERM: 'vt100', SHELL: '/bin/sh' },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    type: (keys) => void child.stdin.write(keys),
    text: () => text,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGHUP');
      await ended;
    },
  };
}

const shows = (screen: Screen, what: string | RegExp) =>
  vi.waitFor(() => expect(screen.text()).toMatch(what), patience);

test('a shell has the size and the name of the terminal, Ctrl-C is a key in it, and it ends as it was left', async () => {
  await using screen = sit(['shell', shared]);
  await shows(screen, '/workspace $ ');
  screen.type('echo "$(stty size) $TERM"; sleep 600\r');
  await shows(screen, /30 101 vt100\r\n/);
  screen.type('\u0003');
  await shows(screen, '^C');
  screen.type('exit 5\r');
  expect(await screen.ended).toBe(5);
});

test('a shell in a new sandbox: its start is told, and it is removed when the shell ends', async () => {
  await using screen = sit(['shell', '--memory', '64Mi', '--cpu', '500m', '--image', 'busybox:1']);
  await shows(screen, '/workspace $ ');
  screen.type('hostname; printf "[%s]" done; exit\r');
  expect(await screen.ended).toBe(0);
  expect(screen.text()).toMatch(/✔ sandbox with busybox:1 \d/);
  const id = /\r\n(sandbox-[0-9a-f]{10})-/.exec(screen.text())?.[1];
  expect(id).toBeDefined();
  expect(await world.left(id)).toEqual([]);
});

test('exec -t gives a terminal whose bytes come as they are, and Ctrl-D ends its input', async () => {
  await using screen = sit(['exec', '-t', shared, '--', 'sh', '-c', '"stty -onlcr; tty; cat; exit 4"']);
  await shows(screen, /\/dev\/pts\/\d+\n/);
  // No carriage return is put before a line feed that has none: full-screen programs move down by it.
  expect(screen.text()).not.toMatch(/\/dev\/pts\/\d+\r/);
  screen.type('typed\r');
  await shows(screen, /typed\s+typed/);
  screen.type('\u0004');
  expect(await screen.ended).toBe(4);
});

test('without a terminal a shell is refused with what to use instead, and exec -t still gives one', async () => {
  const refused = await commands.sandbox(['shell', shared]);
  expect([refused.code, String(refused.stderr)]).toEqual([2, expect.stringContaining('sandbox exec -i ID -- sh')]);
  const { code, stdout } = await commands.sandbox(
    ['exec', '-t', '-i', shared, '--', 'sh', '-c', 'tty; stty size; cat'],
    Buffer.from('sent\n'),
  );
  expect(code).toBe(0);
  expect(String(stdout)).toMatch(/^\/dev\/pts\/\d+\r\n24 80\r\n(sent\r\n)+/);
});
