import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findProgram } from '@ephemera/local-cluster/machinery';

export interface ControllerOptions {
  /** The path of the program. */
  readonly program: string;
  readonly kubeconfigPath: string;
  readonly signal: AbortSignal;
}

const startTimeoutMs = 60_000;
const stopTimeoutMs = 10_000;
const shownLines = 15;

/**
 * Runs the peer's controller on this machine, with its usual settings but for what one alone has no use for: a leader, a webhook, and
 * ports that others of this machine could have. Returns once it works; disposing ends it, by force where it does not go.
 */
export async function startController({
  program,
  kubeconfigPath,
  signal,
}: ControllerOptions): Promise<AsyncDisposable> {
  const setpriv = await findProgram('setpriv');
  // It should not go on when this process was killed; a program of util-linux can ask the kernel for that.
  const before = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL'];
  const [command, ...args] = [
    ...before,
    program,
    `--kubeconfig=${kubeconfigPath}`,
    '--enable-webhook=false',
    '--leader-elect=false',
    '--metrics-bind-address=0',
    '--health-probe-bind-address=0',
  ];
  // A Ctrl-C is for us; the controller is stopped in its turn.
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await ended;
    clearTimeout(force);
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stderr });
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(startTimeoutMs)]);
  const works = new Promise<void>((resolve) => {
    reader.on('line', (line) => {
      lines.push(line);
      if (lines.length > shownLines) lines.shift();
      if (line.includes('Starting workers')) resolve();
    });
  });
  const isOver = Promise.race([ended, once(deadline, 'abort')]).then(() => {
    signal.throwIfAborted();
    throw new Error(`The controller of agent-sandbox does not work: ${lines.join('\n')}`);
  });
  await Promise.race([works, isOver]);
  // Whatever becomes of it later is seen by the sandboxes that it should make.
  isOver.catch(() => {});
  const owned = stack.move();
  return { [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
