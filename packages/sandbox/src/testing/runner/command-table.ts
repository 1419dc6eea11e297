import { posix } from 'node:path';
import type { RequestOf } from '../../wire/request.ts';
import { workFolder } from '../files/file-system.ts';
import { StartRefused, type Machine } from '../machine/machine.ts';
import { Command } from './command.ts';
import { HangUp, RunnerFault } from './fault.ts';

const mostRunning = 1024;

const errnos: Readonly<Record<StartRefused['code'], number>> = { ENOENT: 2, E2BIG: 7, ENOTDIR: 20 };

export interface Keep {
  /** Of each stream, in bytes. */
  readonly bytes: number;
  /** Of all commands together, in bytes. */
  readonly allBytes: number;
}

/** All commands of a runner, and the environment that they get. */
export class CommandTable {
  /** Whether the sandbox is being ended, so that nothing starts any more. */
  ending = false;
  /** Where false, output is counted and not kept. */
  hasRoom = true;
  env: Readonly<Record<string, string>> = {};
  readonly #machine: Machine;
  readonly #keep: Keep;
  readonly #commands = new Map<string, Command>();

  constructor(machine: Machine, keep: Keep) {
    this.#machine = machine;
    this.#keep = keep;
  }

  get all(): readonly Command[] {
    return [...this.#commands.values()];
  }

  get running(): readonly Command[] {
    return this.all.filter(({ running }) => running);
  }

  get keptBytes(): number {
    return this.all.reduce((sum, { output }) => sum + output.stdout.size + output.stderr.size, 0);
  }

  find(id: string): Command {
    const command = this.#commands.get(id);
    if (command === undefined) throw new RunnerFault('unknown_command', `there is no command ${id}`);
    return command;
  }

  start(request: RequestOf<'start'>): { readonly command: Command; readonly existed: boolean } {
    const known = this.#commands.get(request.id);
    if (known !== undefined) return { command: known, existed: true };
    if (this.ending) throw new HangUp();
    if (this.running.length >= mostRunning) throw new RunnerFault('too_many', 'too many commands are running');
    const problem = problemOf(request);
    if (problem !== undefined) throw new RunnerFault('bad_request', problem);
    const command = this.#make(request);
    this.#commands.set(request.id, command);
    return { command, existed: false };
  }

  forget(id: string): void {
    const { exit, attached } = this.find(id);
    if (exit === undefined || attached > 0) throw new RunnerFault('busy', 'the command runs, or is being read');
    this.#commands.delete(id);
  }

  #make(request: RequestOf<'start'>): Command {
    try {
      const command = new Command(request, {
        machine: this.#machine,
        env: { ...this.#machine.imageEnv, ...this.env, ...envOf(request.env) },
        cwd: posix.resolve(workFolder, request.cwd),
        trim: (grown) => this.#trim(grown),
        hasRoom: () => this.hasRoom,
        keepBytes: this.#keep.bytes,
      });
      return command;
    } catch (error) {
      if (!(error instanceof StartRefused)) throw error;
      throw new RunnerFault('not_started', error.message, errnos[error.code]);
    }
  }

  /** Each stream keeps its end; where all of it is too much, those that have ended give way first, the oldest before the others. */
  #trim(grown: Command): void {
    grown.output.stdout.trim(this.#keep.bytes);
    grown.output.stderr.trim(this.#keep.bytes);
    let over = this.keptBytes - this.#keep.allBytes;
    for (const command of [...this.all.filter(({ running }) => !running), ...this.running]) {
      for (const output of [command.output.stdout, command.output.stderr]) {
        if (over <= 0) return;
        const before = output.size;
        output.trim(Math.max(0, before - over));
        over -= before - output.size;
      }
    }
  }
}

function problemOf({ id, argv, env, cwd }: RequestOf<'start'>): string | undefined {
  if (!/^[\w-]{1,64}$/.test(id)) return 'the id has other characters or another length';
  if (argv.length === 0 || argv[0] === '') return 'there is no program';
  return [cwd, ...argv, ...env].some((text) => text.includes('\0')) ? 'there is a NUL' : undefined;
}

/** `NAME=value` each, the later one counts. */
export function envOf(list: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list.map((entry) => {
      const at = entry.indexOf('=');
      if (at < 1) throw new RunnerFault('bad_request', 'an entry of the environment has no name');
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
