import type { Reporter, TestCase, TestModule } from 'vitest/node';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

type Run = Parameters<NonNullable<Reporter['onTestRunEnd']>>;

/**
 * Counts what a run of Vitest did. What is wrong outside of a test counts as a failure too: a file that cannot be imported, one
 * without tests, a hook that failed, an error that nobody caught.
 */
export class TallyReporter implements Reporter {
  readonly tally: Tally = { passed: 0, failed: 0, skipped: 0 };

  onTestRunEnd(modules: Run[0], unhandledErrors: Run[1]): void {
    for (const module of modules) this.count(module);
    this.tally.failed += unhandledErrors.length;
  }

  private count(module: TestModule): void {
    const states = [...module.children.allTests()].map((test: TestCase) => test.result().state);
    // A module that is not ok although no test of it failed has failed outside of its tests.
    const failed = states.filter((state) => state === 'failed' || state === 'pending').length;
    this.tally.failed += failed === 0 && (!module.ok() || states.length === 0) ? 1 : failed;
    this.tally.passed += states.filter((state) => state === 'passed').length;
    this.tally.skipped += states.filter((state) => state === 'skipped').length;
  }
}
