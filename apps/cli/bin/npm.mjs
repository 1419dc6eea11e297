import { spawn } from 'node:child_process';
import { delimiter, join, sep } from 'node:path';

// npm prints its manual page with each refusal, which hides the reason.
const MANUAL = /npm error Clean install a project[\s\S]*?(?=npm error A complete log|$)/;

/** npm said no. The message holds all that npm printed. */
export class NpmFailed extends Error {}

/**
 * Runs npm quietly.
 * @param {string} root
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
export function npm(root, args) {
  const { program, leading, env } = npmCommand(root, process);
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...leading, ...args, '--loglevel=error'], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    /** @type {Buffer[]} */
    const output = [];
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => output.push(chunk));
    child.stderr.on('data', (/** @type {Buffer} */ chunk) => output.push(chunk));
    const stop = () => child.kill('SIGTERM');
    process.once('exit', stop);
    child.on('error', (error) => {
      reject(
        new NpmFailed(`failed.\nnpm could not be started (${error.message}). Install npm, or put it on the PATH.`),
      );
    });
    child.on('close', (code, signal) => {
      process.removeListener('exit', stop);
      if (code === 0) return resolve();
      const said = Buffer.concat(output).toString().replace(MANUAL, '').trim();
      const how = signal ?? `exit code ${code}`;
      reject(
        new NpmFailed(
          `failed.\n\n${said}\n\n\`npm ${args.join(' ')}\` failed (${how}) in ${root}. ` +
            'What npm said is above. If the package registry could not be reached, run the command again.',
        ),
      );
    });
  });
}

/**
 * Which npm, under which Node. `npm ci` removes node_modules and with it the pinned Node, so the installer never runs under that
 * one: neither named directly nor found on the PATH, where npm puts node_modules/.bin first.
 *
 * @param {string} root
 * @param {{ env: NodeJS.ProcessEnv, execPath: string }} process
 */
export function npmCommand(root, { env, execPath }) {
  const modules = join(root, 'node_modules') + sep;
  const path = (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !`${folder}${sep}`.startsWith(modules))
    .join(delimiter);
  const node = [execPath, env.npm_node_execpath].find((each) => each !== undefined && !each.startsWith(modules));
  const script = env.npm_execpath;
  const runsUnderNode = node !== undefined && script !== undefined && script.endsWith('npm-cli.js');
  return {
    program: runsUnderNode ? node : 'npm',
    leading: runsUnderNode ? [script] : [],
    env: { ...env, PATH: path },
  };
}
