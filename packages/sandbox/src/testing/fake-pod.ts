import { quantityOf } from '@ephemera/job/compile';
import { kubeErrors } from '@ephemera/kube';
import { SandboxExpired, SandboxGone } from '../errors.ts';
import type { ByteStream } from '../host.ts';
import { checkedTimeout } from '../options/check-options.ts';
import type { CheckedOptions } from '../options/checked-options.ts';
import type { SandboxInfo } from '../sandbox-options.ts';
import { Cable } from './cable.ts';
import { workFolder } from './files/file-system.ts';
import { programFiles } from './files/program-files.ts';
import { createClock, type Clock } from './machine/clock.ts';
import { Machine } from './machine/machine.ts';
import type { FakeProgram } from './program.ts';
import { FakeRunner } from './runner/fake-runner.ts';

/** What is in the sandbox from the beginning: a text, bytes, or more exactly. Paths are relative to the work folder. */
export type FakeFileContent =
  | string
  | Uint8Array
  | { readonly content: string | Uint8Array; readonly mode?: number }
  | { readonly link: string };

export interface FakeContents {
  /** By their names, `npm`, or paths, `/bin/sh`; a path is also found by its last part. Nothing else can be run. */
  readonly programs?: Readonly<Record<string, FakeProgram>>;
  readonly files?: Readonly<Record<string, FakeFileContent>>;
}

/** One fake sandbox: its machine and runner, the streams to it, and how it ended. */
export class FakePod {
  readonly id: string;
  readonly clock: Clock = createClock();
  readonly #options: CheckedOptions;
  readonly #contents: FakeContents;
  readonly #createdAt: number;
  readonly #cables = new Set<Cable>();
  #runner: FakeRunner;
  #expiresAt: number;
  #verdict: Error | undefined;
  #reachable = true;
  #cutAfter: (() => number) | undefined;

  constructor(id: string, options: CheckedOptions, contents: FakeContents) {
    this.id = id;
    this.#options = options;
    this.#contents = contents;
    this.#createdAt = this.clock.now();
    this.#expiresAt = this.#createdAt + options.timeoutMs;
    this.#runner = this.#boot();
    const files = programFiles(this.machine.files, workFolder, () => {});
    for (const [path, content] of Object.entries(contents.files ?? {})) {
      if (typeof content === 'string' || content instanceof Uint8Array) files.write(path, content);
      else if ('link' in content) files.link(path, content.link);
      else files.write(path, content.content, content.mode === undefined ? {} : { mode: content.mode });
    }
  }

  get machine(): Machine {
    return this.#runner.machine;
  }

  get runner(): FakeRunner {
    return this.#runner;
  }

  /** Why it is over; undefined while it lives. */
  get verdict(): Error | undefined {
    return this.#verdict;
  }

  get info(): SandboxInfo {
    const { image, name, idleTimeoutMs, metadata } = this.#options;
    return {
      id: this.id,
      ...(name !== undefined && { name }),
      image,
      namespace: 'fake',
      state: this.#verdict === undefined ? 'running' : 'ended',
      ...(this.#verdict !== undefined && { reason: this.#verdict.message }),
      createdAt: new Date(this.#createdAt).toISOString(),
      expiresAt: new Date(this.#expiresAt).toISOString(),
      ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
      metadata,
    };
  }

  /** Throws what says that the host cannot be asked. */
  checkReachable(): void {
    if (!this.#reachable) throw new kubeErrors.Unreachable({ server: 'the fake', problem: 'the fault apiDown' });
  }

  open(): ByteStream {
    this.checkReachable();
    if (this.#verdict !== undefined) throw this.#verdict;
    const cable = new Cable(() => this.#cables.delete(cable));
    this.#cables.add(cable);
    void this.#runner.serve(cable.far);
    const bytes = this.#cutAfter?.();
    if (bytes !== undefined) cable.cutAfter(bytes);
    return cable.near;
  }

  extend(timeoutMs: number): SandboxInfo {
    this.#expiresAt = this.clock.now() + checkedTimeout(timeoutMs);
    return this.info;
  }

  /** It is over at once, and everybody who asks gets this. */
  end(verdict: Error): void {
    if (this.#verdict !== undefined) return;
    this.#verdict = verdict;
    this.machine.stop();
    this.clock.stop();
    this.cutStreams();
  }

  cutStreams(): number {
    const cables = [...this.#cables];
    for (const cable of cables) cable.cut();
    return cables.length;
  }

  /** Streams that are open, and all later ones: each breaks after as many bytes as it is told when it opens. */
  cutEachAfter(bytes: (() => number) | undefined): void {
    this.#cutAfter = bytes;
    if (bytes !== undefined) for (const cable of this.#cables) cable.cutAfter(bytes());
  }

  stallStreams(): number {
    for (const cable of this.#cables) cable.stall();
    return this.#cables.size;
  }

  setReachable(reachable: boolean): void {
    this.#reachable = reachable;
    if (!reachable) this.cutStreams();
  }

  /** Another runner with the same files, and nothing that the one before knew. */
  restart(): void {
    const { machine } = this.#runner;
    machine.stop();
    this.cutStreams();
    this.#runner = this.#boot(machine);
  }

  #boot(before?: Machine): FakeRunner {
    const { disk, keep, idleTimeoutMs } = this.#options;
    const machine = new Machine({
      programs: this.#contents.programs ?? {},
      clock: this.clock,
      diskBytes: Number((quantityOf(disk.size) ?? 0n) / 10n ** 30n),
      files: before?.files,
      onOutOfMemory: () => this.#runner.memoryRanOut(),
    });
    return new FakeRunner({
      machine,
      keep: { bytes: keep.ofStream, allBytes: keep.ofAll },
      expiresInMs: this.#expiresAt - this.clock.now(),
      idleMs: idleTimeoutMs,
      onEnd: (why) => {
        if (this.#runner.machine === machine) this.end(this.#endOf(why));
      },
    });
  }

  #endOf(why: 'expired' | 'idle' | 'shutdown'): Error {
    const { id } = this;
    if (why === 'shutdown') return new SandboxGone({ id, reason: 'it was told to end.' });
    if (why === 'expired') return new SandboxExpired({ id, reason: `it ended at ${this.info.expiresAt}.` });
    return new SandboxExpired({ id, reason: `nobody used it for ${this.#options.idleTimeoutMs ?? 0} ms.` });
  }
}
