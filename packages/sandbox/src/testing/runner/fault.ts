import type { RunnerProblem } from '../../wire/answer.ts';
import { FileRefused, type FileFault } from '../files/node.ts';

/** An answer ERROR. */
export class RunnerFault extends Error {
  readonly problem: RunnerProblem;
  readonly errno: number;

  constructor(problem: RunnerProblem, message: string, errno = 0) {
    super(message);
    this.name = 'RunnerFault';
    this.problem = problem;
    this.errno = errno;
  }
}

/** No answer: the stream ends. */
export class HangUp extends Error {}

/** With the numbers that Linux has for them. */
const byFault: Readonly<Record<FileFault, readonly [RunnerProblem, number]>> = {
  outside: ['outside', 18],
  not_a_file: ['not_a_file', 0],
  no_such_file: ['no_such_file', 2],
  is_a_folder: ['is_a_folder', 21],
  not_a_folder: ['not_a_folder', 20],
  denied: ['denied', 13],
  no_space: ['no_space', 28],
  name_too_long: ['bad_request', 36],
  exists: ['exists', 17],
  loop: ['loop', 40],
  bad_path: ['bad_request', 22],
};

export function faultOf(error: unknown): RunnerFault | undefined {
  if (error instanceof RunnerFault) return error;
  if (!(error instanceof FileRefused)) return undefined;
  const [problem, errno] = byFault[error.code];
  return new RunnerFault(problem, error.message, errno);
}
