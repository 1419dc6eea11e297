import { posix } from 'node:path';
import { programFiles } from '../files/program-files.ts';
import { ProcessEnded, type FakeChild, type FakeProcess, type FakeSpawnOptions } from '../program.ts';
import { inputOf } from './input.ts';
import type { Machine } from './machine.ts';
import { Pipe } from './pipe.ts';
import type { VirtualProcess } from './process.ts';

/** What a program gets of its process. */
export function processApi(machine: Machine, process: VirtualProcess): FakeProcess {
  const { argv, env, cwd, stdin, stdout, stderr, terminal } = process.spec;
  const { check } = process;
  const writer = (pipe: Pipe) => ({
    // A copy: the program may use its array again.
    write: (content: string | Uint8Array) => process.write(pipe, new Uint8Array(Buffer.from(content as string))),
  });
  return {
    pid: process.pid,
    argv,
    env,
    cwd,
    terminal,
    ended: process.alive,
    stdin: inputOf((most) => (check(), process.whileAlive(stdin.read(most)))),
    stdout: writer(stdout),
    stderr: writer(stderr),
    files: programFiles(machine.files, cwd, check),
    onSignal: (name, action) => {
      check();
      process.setAction(name, action);
    },
    exit: (code) => {
      check();
      void process.exit(code);
      throw new ProcessEnded();
    },
    spawn: (childArgv, options = {}) => {
      check();
      return spawn(machine, process, childArgv, options);
    },
    kill: (pid, signal = 'SIGTERM') => {
      check();
      const target = machine.find(pid);
      return target !== undefined && (signal === 0 || target.deliver(signal));
    },
    sleep: (ms) => {
      check();
      return process.whileAlive(new Promise<void>((resolve) => void machine.clock.after(ms, resolve)));
    },
    forEver: () => process.whileAlive(new Promise<never>(() => {})),
    listen: (port, onConnection) => {
      check();
      machine.ports.listen(port, process, (socket) => void answer(process, () => onConnection(socket)));
    },
    connect: (port) => {
      check();
      const socket = machine.ports.connect(port);
      if (socket === undefined) throw new Error(`nobody listens at port ${port}`);
      return socket;
    },
    outOfMemory: () => {
      check();
      machine.outOfMemory(process);
      throw new ProcessEnded();
    },
  };
}

/** An error in the call for a connection ends the program, as it would end a real one. */
async function answer(process: VirtualProcess, call: () => void | Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!process.isAlive) return;
    void process.write(process.spec.stderr, Buffer.from(`${String(error)}\n`)).catch(() => {});
    await process.exit(1);
  }
}

function spawn(
  machine: Machine,
  parent: VirtualProcess,
  argv: readonly string[],
  { env = {}, cwd = '.', session = false, stdin = 'inherit', output = 'inherit' }: FakeSpawnOptions,
): FakeChild {
  const { spec } = parent;
  const outputs = output === 'inherit' ? [spec.stdout, spec.stderr] : [new Pipe(), new Pipe()];
  const [stdout = spec.stdout, stderr = spec.stderr] = outputs;
  const child = machine.start({
    argv,
    env: { ...spec.env, ...env },
    cwd: posix.resolve(spec.cwd, cwd),
    command: spec.command,
    stdin: stdin === 'inherit' ? spec.stdin : filled(stdin === 'nothing' ? new Uint8Array() : stdin),
    stdout,
    stderr,
    terminal: spec.terminal,
    parent,
    leads: session,
  });
  if (output === 'nothing') for (const pipe of outputs) pipe.discard();
  const reader = (pipe: Pipe) =>
    inputOf(async (most) => (output === 'pipe' ? parent.whileAlive(pipe.read(most)) : undefined));
  return {
    pid: child.pid,
    stdout: reader(stdout),
    stderr: reader(stderr),
    wait: () => parent.whileAlive(child.ended),
    kill: (signal = 'SIGTERM') => child.deliver(signal),
  };
}

/** A pipe that somebody else writes this into. */
function filled(content: Uint8Array | AsyncIterable<Uint8Array>): Pipe {
  const pipe = new Pipe();
  const release = pipe.hold();
  const pieces = content instanceof Uint8Array ? [content] : content;
  const pour = async () => {
    for await (const bytes of pieces) await pipe.write(bytes);
  };
  // Nobody reads it any more: then nobody misses the rest either.
  void pour()
    .catch(() => {})
    .finally(release);
  return pipe;
}
