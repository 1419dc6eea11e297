import { randomBytes } from 'node:crypto';
import { NameTaken, SandboxGone, SandboxNotFound, StartFailed } from '../errors.ts';
import type { HostOptions, SandboxHost, SandboxPlace } from '../host.ts';
import { idOf } from '../objects/names.ts';
import { assertId, checkOptions } from '../options/check-options.ts';
import type { SandboxStage } from '../sandbox-options.ts';
import { FakePod, type FakeContents } from './fake-pod.ts';
import { faultsOf, type FakeFaults } from './faults.ts';

/** Why no sandbox starts, as `StartFailed` tells it. */
export interface FakeRefusal {
  /** For example `pod.image_pull`. */
  readonly diagnosis: string;
  readonly reason: string;
  /** Default: nothing to do. */
  readonly remedy?: string;
}

export interface FakeHostOptions extends FakeContents {
  readonly refuseStart?: FakeRefusal;
}

/** A place for sandboxes in memory. Nothing of it is left when the test's process ends. */
export interface FakeHost extends SandboxHost {
  /** Throws `sandbox.not_found`. */
  faults(id: string): FakeFaults;
}

/** All sandboxes of one fake have the same programs and, at their start, the same files. Give it as `on`, wherever a host is taken. */
export function fakeHost({ refuseStart, ...contents }: FakeHostOptions = {}): FakeHost {
  const pods = new Map<string, FakePod>();

  function podOf(id: string): FakePod {
    const pod = pods.get(id);
    if (pod === undefined) throw new SandboxNotFound({ id });
    return pod;
  }

  const living = (name: string) =>
    [...pods.values()].find(({ info, verdict }) => info.name === name && verdict === undefined);

  // Not async: between two that ask for the same name nothing comes.
  function create({ id, ...options }: HostOptions): FakePod {
    const checked = checkOptions(options);
    assertId(id);
    options.signal?.throwIfAborted();
    const taken = checked.name === undefined ? undefined : living(checked.name);
    if (taken !== undefined) throw new NameTaken({ name: checked.name ?? '', id: taken.id });
    if (refuseStart !== undefined) {
      throw new StartFailed({
        remedy: 'Nothing: the fake was told so.',
        ...refuseStart,
        image: checked.image,
        again: false,
      });
    }
    const pod = new FakePod(id ?? idOf(randomBytes(5)), checked, contents);
    pods.set(pod.id, pod);
    const stages: readonly SandboxStage['stage'][] = ['created', 'scheduled', 'started', 'connected'];
    for (const stage of stages) options.onStage?.({ stage, ms: 0 });
    return pod;
  }

  function placeOf(pod: FakePod): SandboxPlace {
    const { id } = pod;
    const gone = () => (pods.get(id) === pod ? undefined : new SandboxGone({ id, reason: 'its Job was deleted.' }));
    return {
      id,
      info: pod.info,
      open: async () => pod.open(),
      verdict: async () => {
        pod.checkReachable();
        return gone() ?? pod.verdict;
      },
      look: async (signal) => {
        signal?.throwIfAborted();
        pod.checkReachable();
        return podOf(id).info;
      },
      extend: async (timeoutMs, signal) => {
        signal?.throwIfAborted();
        pod.checkReachable();
        return podOf(id).extend(timeoutMs);
      },
      remove: async ({ signal } = {}) => {
        signal?.throwIfAborted();
        pod.checkReachable();
        if (gone() === undefined) pods.delete(id);
        pod.end(new SandboxGone({ id, reason: 'its Job was deleted.' }));
      },
      dispose: async () => {},
    };
  }

  return {
    create: async (options) => placeOf(create(options)),
    find: async (id) => placeOf(podOf(id)),
    findByName: async (name) => {
      const pod = living(name);
      return pod && placeOf(pod);
    },
    list: async () => [...pods.values()].map(({ info }) => info),
    faults: (id) => faultsOf(podOf(id)),
  };
}
