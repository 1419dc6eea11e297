import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell of a user in the folder of the repository: the machine's own Node, and `kubectl` for the cluster of the tests. */
export interface Terminal extends Disposable {
  /** Types one line, and returns what came of it. */
  type(line: string): Promise<Ended>;
  /** Types one line that does not end by itself. */
  leave(line: string): Running;
}

export interface Running {
  /** What it has printed so far. */
  output(): string;
  /** Ctrl-C. */
  stop(): Promise<void>;
}

export interface TerminalOptions {
  /** Which namespace kubectl takes where a line names none. Default: that of the context. */
  readonly namespace?: string;
}

const root = join(import.meta.dirname, '..', '..', '..', '..');
const timeoutMs = 150_000;

export function openTerminal({ namespace }: TerminalOptions = {}): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-terminal-'));
  const kubectl = join(folder, 'kubectl');
  const words = [...kubectlWords(), ...(namespace === undefined ? [] : [`--namespace=${namespace}`])];
  writeFileSync(kubectl, `#!/bin/sh\nexec ${words.map(quoted).join(' ')} "$@"\n`);
  chmodSync(kubectl, 0o755);
  const env = userEnvironment(folder);
  const start = (line: string) =>
    spawn('bash', ['-c', line], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
  return {
    type: async (line) => {
      const child = start(line);
      const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), codeOf(child)]);
      return { code, stdout, stderr };
    },
    leave: (line) => {
      const child = start(line);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
      const ended = codeOf(child);
      return {
        output: () => output,
        stop: async () => {
          child.kill('SIGINT');
          await ended;
        },
      };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function codeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
}

function kubectlWords(): readonly string[] {
  const { EPHEMERA_TEST_KUBECTL: own, EPHEMERA_TEST_CONTEXT: context } = process.env;
  if (own !== undefined) {
    const { command, args } = JSON.parse(own) as { command: string; args: readonly string[] };
    return [command, ...args];
  }
  // By its path: the folder of the terminal comes first on the PATH.
  return ['env', `PATH=${process.env['PATH']}`, 'kubectl', ...(context === undefined ? [] : ['--context', context])];
}

/** Without what `npm test` adds: its settings, and the folders of installed programs on the PATH. */
function userEnvironment(folder: string): NodeJS.ProcessEnv {
  const { PATH = '', EPHEMERA_TEST_KUBECONFIG: kubeconfig, EPHEMERA_TEST_CONTEXT: context, ...rest } = process.env;
  const kept = Object.entries(rest).filter(([name]) => !/^(npm_|NODE_|VITEST|TEST$)/.test(name));
  const path = PATH.split(delimiter).filter((entry) => !entry.includes('node_modules'));
  return {
    ...Object.fromEntries(kept),
    PATH: [folder, ...path].join(delimiter),
    ...(kubeconfig === undefined ? {} : { KUBECONFIG_PATH: kubeconfig }),
    ...(context === undefined ? {} : { CLUSTER_NAME: context }),
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
