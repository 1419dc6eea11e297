import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { start, type Running } from './command.ts';

const { EPHEMERA_TEST_KUBECONFIG: KUBECONFIG_PATH, EPHEMERA_TEST_CONTEXT: context } = process.env;
const root = join(import.meta.dirname, '..', '..', '..');
const main = join(root, 'apps', 'cli', 'src', 'main.ts');

/** For everything that the cluster does in its own time. */
export const patience = { timeout: 60_000, interval: 100 };
/** As small as they may be: many have to fit beside each other on the node of the tests. */
export const small = ['--cpu', '500m', '--memory', '64Mi', '--disk', '64Mi'] as const;

export interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** `ephemera sandbox …` with sandboxes of one place. */
export interface SandboxCommands {
  /** Byte for byte; its standard input is at its end, after what is given. */
  sandbox(args: readonly string[], input?: Uint8Array): Promise<Ended>;
  /** The same, with more in its environment. */
  sandboxWith(variables: Variables, args: readonly string[]): Promise<Ended>;
  startSandbox(args: readonly string[]): Running;
  /** Its standard input stays open. */
  openSandbox(args: readonly string[]): ChildProcessByStdio<Writable, Readable, Readable>;
  /** Makes one, and returns its id. */
  create(args?: readonly string[]): Promise<string>;
}

/** `words`: what every command gets after its verb. */
export function sandboxCommands(words: readonly string[], environment: Variables): SandboxCommands {
  const { PATH, HOME, EPHEMERA_CACHE } = process.env;
  const inWords = ([verb = '', ...args]: readonly string[]) => ['sandbox', verb, ...words, ...args];
  const open = (args: readonly string[], more: Variables = {}) =>
    spawn(process.execPath, ['--', main, ...inWords(args)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH,
        HOME,
        NO_COLOR: '1',
        ...(EPHEMERA_CACHE === undefined ? {} : { EPHEMERA_CACHE }),
        ...environment,
        ...more,
      },
    });
  const ended = async (child: ReturnType<typeof open>, input?: Uint8Array): Promise<Ended> => {
    // A command that reads no input may have ended before it was given.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const [[code], stdout, stderr] = await Promise.all([
      once(child, 'close') as Promise<[number | null]>,
      buffer(child.stdout),
      buffer(child.stderr),
    ]);
    return { code, stdout, stderr };
  };
  const sandbox: SandboxCommands['sandbox'] = (args, input) => ended(open(args), input);
  return {
    sandbox,
    sandboxWith: (variables, args) => ended(open(args, variables)),
    startSandbox: (args) => start(inWords(args), environment),
    openSandbox: (args) => open(args),
    create: async (args = []) => {
      const { code, stdout, stderr } = await sandbox(['create', ...small, ...args, 'busybox:1']);
      expect(code, String(stderr)).toBe(0);
      expect(String(stdout)).toMatch(/^sandbox-[0-9a-f]{10}\n$/);
      return String(stdout).trim();
    },
  };
}

/** A namespace of one file of tests, with the account of sandboxes. Disposing removes it with whatever is in it. */
export interface SandboxNamespace extends AsyncDisposable {
  readonly namespace: string;
  /** Everything of sandboxes, or of one, as `kind/name`. */
  left(id?: string): Promise<readonly string[]>;
  /** Fails unless soon nothing of it is left. */
  gone(id: string): Promise<void>;
}

const kinds = 'jobs,pods,configmaps,secrets,networkpolicies';

export async function startSandboxNamespace(): Promise<SandboxNamespace> {
  const namespace = `cli-sandbox-${randomBytes(5).toString('hex')}`;
  await kubectl(['create', 'namespace', namespace]);
  await kubectl(['apply', '-n', namespace, '-f', join(root, 'k8s', 'rbac', 'serviceaccount.yaml')]);
  const left: SandboxNamespace['left'] = async (id = '') => {
    const all = await kubectl(['get', kinds, '-n', namespace, '-o', 'name']);
    return all.split('\n').filter((name) => name.includes('sandbox') && name.includes(id));
  };
  return {
    namespace,
    left,
    gone: (id) => vi.waitFor(async () => expect(await left(id)).toEqual([]), patience),
    [Symbol.asyncDispose]: async () => {
      await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=110s']);
    },
  };
}

/** The commands on the tests' cluster itself. */
export function onCluster(namespace: string): SandboxCommands {
  const words = ['--namespace', namespace, ...(context === undefined ? [] : ['--context', context])];
  return sandboxCommands(words, { KUBECONFIG_PATH });
}

/** What the tests of one file share. */
export interface Shared {
  readonly world: SandboxNamespace;
  readonly commands: SandboxCommands;
  /** The id of a sandbox of all tests that do not end it. */
  readonly shared: string;
}

/** For one file of tests: made before the first of them, and gone after the last; also where a part of it cannot be made. */
export function shareSandbox(given: (shared: Shared) => void): void {
  const owned = new AsyncDisposableStack();
  const make = async (): Promise<void> => {
    const world = owned.use(await startSandboxNamespace());
    const commands = onCluster(world.namespace);
    given({ world, commands, shared: await commands.create() });
  };
  let making: Promise<void> | undefined;
  beforeAll(() => (making = make()));
  afterAll(async () => {
    // It may have taken longer than it had.
    await making?.catch(() => {});
    await owned.disposeAsync();
  });
}

/** Whether something with these words in its command line runs in a sandbox. */
export async function runs({ sandbox }: SandboxCommands, id: string, words: string): Promise<boolean> {
  const { code, stdout, stderr } = await sandbox(['exec', id, '--', 'ps']);
  expect(code, String(stderr)).toBe(0);
  return String(stdout).includes(words);
}
