import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const FORWARDED = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);

/**
 * Runs the program as this process would have: same streams, same signals, same end.
 *
 * The child stays in our process group, so that whoever kills the group leaves no orphan. A Ctrl-C therefore reaches the child
 * from the terminal and from us; `signals-once.mjs` makes one of the two.
 *
 * @param {string} program
 * @param {readonly string[]} args
 */
export function spawnPinned(program, args) {
  const child = spawn(program, args, { stdio: 'inherit' });
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));

  child.on('error', (error) => {
    process.stderr.write(
      `${program} could not be started: ${error.message}\nRemove the folder node_modules and run the command again.\n`,
    );
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    // Dying of the same signal tells a shell that the command was interrupted; the code is for where the signal is ignored.
    for (const each of FORWARDED) process.removeAllListeners(each);
    process.exitCode = 128 + constants.signals[signal];
    process.kill(process.pid, signal);
  });
}
