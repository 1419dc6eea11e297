import { randomBytes } from 'node:crypto';
import { toldOf } from '../../commands/create-commands.ts';
import type { ByteStream } from '../../host.ts';
import type { Answer } from '../../wire/answer.ts';
import { PROTOCOL_VERSION } from '../../wire/limits.ts';
import type { Request } from '../../wire/request.ts';
import type { Machine } from '../machine/machine.ts';
import { turn } from '../turn.ts';
import { attach } from './attach.ts';
import type { RunnerChannel } from './channel.ts';
import { RunnerClient } from './client.ts';
import { CommandTable, envOf, type Keep } from './command-table.ts';
import type { Command } from './command.ts';
import { HangUp, RunnerFault } from './fault.ts';
import * as fileRequests from './file-requests.ts';
import { connect } from './port-requests.ts';

/** How long processes have between SIGTERM and SIGKILL at the sandbox's end. */
const graceMs = 5_000;

export interface FakeRunnerOptions {
  readonly machine: Machine;
  readonly keep?: Partial<Keep>;
  /** From now; undefined: never. */
  readonly expiresInMs?: number | undefined;
  /** 0: never. */
  readonly idleMs?: number | undefined;
  /** Its own end. */
  readonly onEnd?: (why: 'expired' | 'idle' | 'shutdown') => void;
}

/** The runner's side of PROTOCOL.md, in memory: the same answers as those of the program in a real sandbox. */
export class FakeRunner {
  readonly machine: Machine;
  readonly commands: CommandTable;
  readonly bootId = randomBytes(16);
  readonly #startedAt: number;
  readonly #onEnd: NonNullable<FakeRunnerOptions['onEnd']>;
  #clients = 0;
  #expiresAt: number | undefined;
  #idleMs = 0;
  #takeExpiryBack = () => {};
  #takeIdleBack = () => {};

  constructor({ machine, keep, expiresInMs, idleMs = 0, onEnd = () => {} }: FakeRunnerOptions) {
    this.machine = machine;
    this.commands = new CommandTable(machine, { bytes: 64 * 2 ** 20, allBytes: 512 * 2 ** 20, ...keep });
    this.#startedAt = machine.clock.now();
    this.#onEnd = onEnd;
    this.#expire(expiresInMs, idleMs);
  }

  get clients(): number {
    return this.#clients;
  }

  /** Serves one client until its stream ends. */
  async serve(stream: ByteStream): Promise<void> {
    this.#clients += 1;
    this.#watchIdle();
    await new RunnerClient(stream, (request, channel) => this.#carryOut(request, channel)).serve();
    this.#clients -= 1;
    this.#watchIdle();
  }

  /** The kernel has killed a process for memory: every command that runs learns it. */
  memoryRanOut(): void {
    for (const command of this.commands.running) command.memoryRanOut();
  }

  /** What a request changes is changed before the first `await`, so that the next one finds it so. */
  async #carryOut(request: Request, channel: RunnerChannel): Promise<void> {
    const { machine, commands } = this;
    switch (request.kind) {
      case 'hello':
        return this.#hello(request.version, channel);
      case 'ping':
        return channel.send({ kind: 'pong', token: request.token });
      case 'env':
        commands.env = envOf(request.env);
        return;
      case 'start':
        return this.#start(request, channel);
      case 'attach':
        return attach(commands.find(request.id), request, channel, machine.clock);
      case 'stdin': {
        const state = await commands.find(request.id).stdin.write(request.offset, request.data);
        return channel.send({ kind: 'stdinAck', ...state });
      }
      case 'stdinClose': {
        const state = await commands.find(request.id).stdin.closeAt(request.total);
        return channel.send({ kind: 'stdinAck', ...state });
      }
      case 'signal': {
        const count = commands.find(request.id).signal(request.signal, request.tree);
        return channel.send({ kind: 'done', count });
      }
      case 'kill':
        return channel.send({ kind: 'done', count: commands.find(request.id).kill(request.graceMs) });
      case 'commands':
        for (const command of commands.all) await channel.send(answerOf(command));
        return;
      case 'forget':
        return commands.forget(request.id);
      case 'resize':
        return commands.find(request.id).resize(request.rows, request.columns);
      case 'stat':
        return fileRequests.stat(machine.files, request, channel);
      case 'list':
        return fileRequests.list(machine.files, request, channel);
      case 'read':
        return fileRequests.read(machine.files, request, channel);
      case 'write':
        return fileRequests.write(machine.files, request, channel);
      case 'remove':
        return fileRequests.remove(machine.files, request, channel);
      case 'folder':
        return fileRequests.folder(machine.files, request);
      case 'link':
        return fileRequests.link(machine.files, request);
      case 'connect':
        return connect(machine.ports, request, channel);
      case 'info':
        return channel.send({ kind: 'info', figures: this.#figures() });
      case 'expire':
        if (commands.ending) throw new HangUp();
        return this.#expire(request.inMs, request.idleMs);
      case 'shutdown':
        void this.#end('shutdown', request.graceMs);
        return;
      case 'credit':
      case 'chunk':
      case 'commit':
      case 'cancel':
      case 'portData':
      case 'portEnd':
        throw new RunnerFault('bad_request', 'this opens no channel');
    }
  }

  #hello(version: number, channel: RunnerChannel): Promise<void> {
    if (version !== PROTOCOL_VERSION) throw new RunnerFault('unsupported', `version ${version} is not spoken here`);
    const now = this.machine.clock.now();
    return channel.send({
      kind: 'hello',
      version: PROTOCOL_VERSION,
      bootId: this.bootId,
      now,
      uptimeMs: now - this.#startedAt,
      expiresInMs: this.#expiresAt === undefined ? undefined : Math.max(0, this.#expiresAt - now),
    });
  }

  #start(request: Extract<Request, { kind: 'start' }>, channel: RunnerChannel): Promise<void> {
    const { command, existed } = this.commands.start(request);
    this.#watchIdle();
    if (!existed) void this.#untilEnd(command).then(() => this.#watchIdle());
    return channel.send({ kind: 'started', existed, startedAt: command.startedAt, pid: command.pid });
  }

  async #untilEnd(command: Command): Promise<void> {
    while (command.running) await command.change.next();
  }

  #expire(inMs: number | undefined, idleMs: number): void {
    this.#takeExpiryBack();
    this.#expiresAt = inMs === undefined ? undefined : this.machine.clock.now() + inMs;
    if (inMs !== undefined)
      this.#takeExpiryBack = this.machine.clock.after(inMs, () => void this.#end('expired', graceMs));
    this.#idleMs = idleMs;
    this.#watchIdle();
  }

  /** Its idle time begins anew with everything that happens. */
  #watchIdle(): void {
    this.#takeIdleBack();
    if (this.#idleMs === 0 || this.#clients > 0 || this.commands.running.length > 0) return;
    this.#takeIdleBack = this.machine.clock.after(this.#idleMs, () => void this.#end('idle', graceMs));
  }

  /** SIGTERM to all, SIGKILL after the grace. Nobody is told how commands take that. */
  async #end(why: 'expired' | 'idle' | 'shutdown', grace: number): Promise<void> {
    if (this.commands.ending) return;
    this.commands.ending = true;
    for (const command of this.commands.running) command.cutOff();
    const { machine } = this;
    for (const process of machine.processes) process.deliver('SIGTERM');
    machine.clock.after(grace, () => {
      for (const process of machine.processes) process.deliver('SIGKILL');
    });
    await Promise.all(machine.processes.map(({ ended }) => ended));
    await Promise.all(this.commands.running.map((command) => this.#untilEnd(command)));
    await turn();
    this.#onEnd(why);
  }

  #figures(): { readonly name: string; readonly value: number }[] {
    const { machine, commands } = this;
    const figures: Record<string, number> = {
      out_of_memory_kills: machine.outOfMemoryKills,
      processes: machine.processes.length,
      commands_running: commands.running.length,
      commands_kept: commands.all.length,
      output_bytes_kept: commands.keptBytes,
      clients: this.#clients,
      uid_map_length: 4_294_967_295,
    };
    if (Number.isFinite(machine.files.free)) figures['disk_free_bytes'] = machine.files.free;
    return Object.entries(figures).map(([name, value]) => ({ name, value }));
  }
}

function answerOf({ id, argv, startedAt, exit }: Command): Answer {
  const flags = exit?.flags ?? { timedOut: false, killed: false, outOfMemory: false, diskFull: false };
  return {
    kind: 'command',
    id,
    state: exit === undefined ? 'running' : 'ended',
    startedAt,
    endedAt: exit?.endedAt ?? 0,
    ending: exit?.ending ?? 'none',
    code: exit?.code ?? 0,
    flags,
    argv: toldOf(argv),
  };
}
