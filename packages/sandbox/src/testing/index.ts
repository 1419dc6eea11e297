/** For tests of programs that use sandboxes. */
export type { FakeContents, FakeFileContent } from './fake-pod.ts';
export { fakeHost, type FakeHost, type FakeHostOptions, type FakeRefusal } from './fake-host.ts';
export { FakeSandbox, type FakeSandboxOptions } from './fake-sandbox.ts';
export type { FakeFaults } from './faults.ts';
export { ProcessEnded } from './program.ts';
export type {
  FakeChild,
  FakeEnd,
  FakeFiles,
  FakeInput,
  FakeOutcome,
  FakeProcess,
  FakeProgram,
  FakeSocket,
  FakeSpawnOptions,
  FakeWriter,
} from './program.ts';
export { shellOf } from './shell-of.ts';
