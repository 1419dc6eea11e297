import { SandboxEvicted, SandboxGone, SandboxOutOfMemory } from '../errors.ts';
import type { FakePod } from './fake-pod.ts';

/** What goes wrong with real sandboxes, at the test's word. */
export interface FakeFaults {
  /** Breaks the streams that are open, in the middle of whatever is under way. How many there were. */
  cutStreams(): number;
  /**
   * Each stream, those that are open too, breaks once the sandbox has sent so many bytes over it. A function is asked for each stream.
   * Undefined ends it.
   */
  cutStreamsAfter(bytes: number | (() => number) | undefined): void;
  /** The streams stay open and nothing passes: what a node that was switched off looks like. How many there were. */
  stallStreams(): number;
  /** The API server does not answer, and all streams through it break. What runs in the sandbox goes on. */
  apiDown(): void;
  apiUp(): void;
  /** The container starts anew, with the same files and none of its processes. */
  restart(): void;
  deletePod(): void;
  /** As the node does it, which needs the room. */
  evict(reason?: string): void;
  /** The kernel kills the sandbox itself. A program that is killed alone: `process.outOfMemory()`. */
  outOfMemory(): void;
  /** No file grows any more; with `output`, nothing of what commands write is kept any more. */
  diskFull(of?: 'files' | 'output'): void;
  /** Puts the sandbox's clock forward: time limits, its expiry, `sleep`. */
  passTime(ms: number): void;
}

export function faultsOf(pod: FakePod): FakeFaults {
  const { id } = pod;
  return {
    cutStreams: () => pod.cutStreams(),
    cutStreamsAfter: (bytes) => pod.cutEachAfter(typeof bytes === 'number' ? () => bytes : bytes),
    stallStreams: () => pod.stallStreams(),
    apiDown: () => pod.setReachable(false),
    apiUp: () => pod.setReachable(true),
    restart: () => pod.restart(),
    deletePod: () => pod.end(new SandboxGone({ id, reason: 'its pod was deleted.' })),
    evict: (reason = 'The node was low on resource: ephemeral-storage.') => pod.end(new SandboxEvicted({ id, reason })),
    outOfMemory: () => pod.end(new SandboxOutOfMemory({ id })),
    diskFull: (of = 'files') => {
      if (of === 'files') pod.machine.files.fill();
      else pod.runner.commands.hasRoom = false;
    },
    passTime: (ms) => pod.clock.pass(ms),
  };
}
