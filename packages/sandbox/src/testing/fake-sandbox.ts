import { Sandbox, type SandboxParts } from '../sandbox.ts';
import type { SandboxHost, SandboxPlace } from '../host.ts';
import type { SandboxOptions } from '../sandbox-options.ts';
import { fakeHost, type FakeHostOptions } from './fake-host.ts';
import type { FakeFaults } from './faults.ts';

/** As for a real one, with what is in it. */
export interface FakeSandboxOptions extends Omit<SandboxOptions, 'on'>, FakeHostOptions {}

interface FakeParts extends SandboxParts {
  readonly host: SandboxHost;
  readonly faults: FakeFaults;
}

/**
 * A sandbox for tests of programs that use one: the same client down to the byte stream, and below it a runner in memory. Nothing runs on the
 * machine: what a command does is a function of the test's.
 *
 * ```ts
 * await using sandbox = await FakeSandbox.create({
 *   files: { 'package.json': '{}' },
 *   programs: {
 *     npm: async (process) => {
 *       await process.stdout.write('1 failing\n');
 *       return 1;
 *     },
 *   },
 * });
 * const running = sandbox.commands.run(['npm', 'test']);
 * sandbox.faults.cutStreams();
 * expect(await running).toMatchObject({ exitCode: 1, stdout: '1 failing\n' });
 * ```
 */
export class FakeSandbox extends Sandbox {
  readonly faults: FakeFaults;
  /** Where it is, for `Sandbox.connect(id, { on: host })`: another client, as from another process. */
  readonly host: SandboxHost;

  constructor(place: SandboxPlace, { host, faults, ...parts }: FakeParts) {
    super(place, parts);
    this.host = host;
    this.faults = faults;
  }

  static override async create(options: FakeSandboxOptions = {}): Promise<FakeSandbox> {
    const { programs = {}, files = {}, refuseStart, ...rest } = options;
    const host = fakeHost({ programs, files, ...(refuseStart && { refuseStart }) });
    const place = await host.create(rest);
    return new FakeSandbox(place, { env: rest.env, host, faults: host.faults(place.id) });
  }
}
