import type { RunnerProblem } from '../wire/answer.ts';

/** The runner said no. Never shown as it is: who asked knows what was asked for, and throws an error of the catalogue. */
export class RunnerError extends Error {
  readonly problem: RunnerProblem;
  /** Of Linux, 0 where there is none. */
  readonly errno: number;

  constructor(problem: RunnerProblem, errno: number, message: string) {
    super(message);
    this.name = 'RunnerError';
    this.problem = problem;
    this.errno = errno;
  }
}

/** The stream that a channel lived on is gone: what was under way is to be resumed on another, or its end is not known. */
export class StreamBroken extends Error {
  constructor(problem: string, options?: ErrorOptions) {
    super(problem, options);
    this.name = 'StreamBroken';
  }
}
