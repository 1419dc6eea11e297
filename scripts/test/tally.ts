import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, a line each: a long output is often kept by its end alone. */
  readonly failures: readonly string[];
}

type Run = Parameters<NonNullable<Reporter['onTestRunEnd']>>;
type Message = { readonly message: string };

/**
 * Counts what a run of Vitest did. What is wrong outside of a test counts as a failure too: a file that cannot be imported, one
 * without tests, a hook that failed, an error that nobody caught.
 */
export class TallyReporter implements Reporter {
  private readonly counts = { passed: 0, failed: 0, skipped: 0 };
  private readonly failures: string[] = [];
  private readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  get tally(): Tally {
    return { ...this.counts, failures: this.failures };
  }

  onTestRunEnd(modules: Run[0], unhandledErrors: Run[1]): void {
    for (const module of modules) this.count(module);
    for (const error of unhandledErrors) this.fail(`outside of any test: ${firstLine([error])}`);
  }

  private count(module: TestModule): void {
    const file = relative(this.root, module.moduleId);
    const tests = [...module.children.allTests()];
    const failed = tests.filter((test) => ['failed', 'pending'].includes(stateOf(test)));
    for (const test of failed) this.fail(`${file} > ${test.fullName}: ${firstLine(test.result().errors ?? [])}`);
    // A module that is not ok although no test of it failed has failed outside of its tests.
    if (failed.length === 0 && (!module.ok() || tests.length === 0))
      this.fail(`${file}: ${firstLine(module.errors())}`);
    this.counts.passed += tests.filter((test) => stateOf(test) === 'passed').length;
    this.counts.skipped += tests.filter((test) => stateOf(test) === 'skipped').length;
  }

  private fail(line: string): void {
    this.counts.failed += 1;
    this.failures.push(line);
  }
}

const stateOf = (test: TestCase): string => test.result().state;

/** As much of the first error as tells it from others. */
function firstLine(errors: readonly Message[]): string {
  return (errors[0]?.message ?? 'no error was told').split('\n', 1).join('').slice(0, 300);
}
