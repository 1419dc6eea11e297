import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteStream } from '../../host.ts';
import { ScriptedPlace } from '../../link/testing/scripted-place.ts';
import { provideRunner } from '../../runner/provide-runner.ts';

/** How many bytes a stream carries each way before it breaks. Undefined: it does not. */
export interface Cut {
  readonly down?: number | undefined;
  readonly up?: number | undefined;
}

/** One way to the runner, on which streams break as a test says. */
class LocalPlace extends ScriptedPlace {
  /** How many streams broke. */
  cuts = 0;
  readonly #socket: string;
  readonly #cutFor: () => Cut;
  readonly #open = new Set<Socket>();

  constructor(socket: string, cutFor: () => Cut) {
    super();
    this.#socket = socket;
    this.#cutFor = cutFor;
  }

  override async open(): Promise<ByteStream> {
    const socket = connect(this.#socket);
    await once(socket, 'connect');
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#open.delete(socket));
    return this.#cutting(socket, this.#cutFor());
  }

  /** Breaks every stream now. */
  cutAll(): void {
    for (const socket of this.#open) socket.destroy(new Error('cut'));
  }

  #cutting(socket: Socket, { down = Infinity, up = Infinity }: Cut): ByteStream {
    let [leftDown, leftUp] = [down, up];
    const cut = (): never => {
      this.cuts += 1;
      socket.destroy();
      throw new Error('the stream was cut');
    };
    async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const bytes of socket as AsyncIterable<Uint8Array>) {
        yield bytes.subarray(0, Math.min(leftDown, bytes.byteLength));
        leftDown -= bytes.byteLength;
        if (leftDown < 0) cut();
      }
    }
    return {
      readable: read(),
      write: async (bytes) => {
        const sent = bytes.subarray(0, Math.min(leftUp, bytes.byteLength));
        leftUp -= bytes.byteLength;
        const room = socket.write(sent);
        if (leftUp < 0) {
          await new Promise<void>((resolve) => void socket.end(resolve));
          cut();
        }
        if (!room) await once(socket, 'drain');
      },
      close: () => socket.destroy(),
    };
  }
}

/** The real runner, as a process of this machine. */
export class LocalRunner {
  /** Its work folder. */
  readonly folder: string;
  readonly #socket: string;
  readonly #stop: () => Promise<void>;

  private constructor(folder: string, socket: string, stop: () => Promise<void>) {
    this.folder = folder;
    this.#socket = socket;
    this.#stop = stop;
  }

  static async start(): Promise<LocalRunner> {
    // First: where it cannot be built nothing is left.
    const bytes = await provideRunner(process.arch === 'arm64' ? 'arm64' : 'amd64');
    const root = await mkdtemp(join(tmpdir(), 'runner-'));
    const [work, output, program, socket] = ['work', 'output', 'runner', 'socket'].map((name) => join(root, name)) as [
      string,
      string,
      string,
      string,
    ];
    await Promise.all([mkdir(work), mkdir(output)]);
    await writeFile(program, bytes);
    await chmod(program, 0o555);
    const args = ['init', '--work', work, '--socket', socket, '--output', output, '--any-client'];
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const exited = once(child, 'exit');
    return new LocalRunner(work, socket, async () => {
      child.kill('SIGTERM');
      await exited;
      await rm(root, { recursive: true, force: true });
    });
  }

  /** `cutFor` is asked for each stream. */
  place(cutFor: () => Cut = () => ({})): LocalPlace {
    return new LocalPlace(this.#socket, cutFor);
  }

  async stop(): Promise<void> {
    await this.#stop();
  }
}
