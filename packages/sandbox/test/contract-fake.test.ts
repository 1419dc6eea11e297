import type { SandboxHost, SandboxPlace } from '../src/host.ts';
import { Sandbox } from '../src/sandbox.ts';
import { fakeHost, shellOf, type FakeHost } from '../src/testing/index.ts';
import { contractOf } from './contract/contract.ts';
import type { Harness } from './contract/harness.ts';
import { fakePrograms } from './contract/programs.ts';

const shell = shellOf({ 'echo "$((6 * 7))"; exit 3': { stdout: '42\n', exitCode: 3 } });
const host: FakeHost = fakeHost({ programs: { ...fakePrograms(), '/bin/sh': shell } });
const cuts = new Map<string, number>();

const faults = (id: string) => host.faults(id);
const attempts = new Map<string, number>();

/** The same, and tells how often a stream was asked for. */
const counting: SandboxHost = {
  ...host,
  create: async (options) => {
    const place = await host.create(options);
    const open: SandboxPlace['open'] = (signal) => {
      attempts.set(place.id, (attempts.get(place.id) ?? 0) + 1);
      return place.open(signal);
    };
    return { ...place, open };
  },
};

const harness: Harness = {
  name: 'the fake',
  host,
  create: (options = {}) => Sandbox.create({ ...options, on: counting }),
  cutWithinBytes: 4000,
  argv: (program, ...args) => [program, ...args],
  faults: {
    cutStreamsAfter: (id, bytes) =>
      faults(id).cutStreamsAfter(
        bytes &&
          (() => {
            // Every stream that is opened is cut.
            cuts.set(id, (cuts.get(id) ?? 0) + 1);
            return bytes();
          }),
      ),
    cuts: (id) => cuts.get(id) ?? 0,
    apiDown: async (id) => faults(id).apiDown(),
    apiUp: async (id) => faults(id).apiUp(),
    attempts: (id) => attempts.get(id) ?? 0,
    deletePod: async (id) => faults(id).deletePod(),
    evict: async (id) => faults(id).evict(),
    outOfMemory: async (id) => faults(id).outOfMemory(),
    passTime: async (id, ms) => faults(id).passTime(ms),
  },
  startElsewhereAndDie: async (id, argv) => {
    const other = await Sandbox.connect(id, { on: host });
    const handle = await other.commands.start(argv);
    for await (const _ of handle.logs()) break;
    // As the end of a process does it: without a word to the runner, and nobody comes back.
    faults(id).cutStreams();
    return handle.id;
  },
  waitElsewhere: async (id, command) => {
    const other = await Sandbox.connect(id, { on: host });
    const result = await (await other.commands.connect(command)).wait();
    await other.disconnect();
    return result;
  },
  left: async (id) => (await host.list()).map((info) => info.id).filter((one) => id === undefined || one === id),
  written: async (id) => JSON.stringify((await host.find(id)).info),
};

contractOf(harness);
