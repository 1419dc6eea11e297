import { FileProblem, type FileProblemKind } from '../errors.ts';
import type { SandboxPath } from '../files-api.ts';
import { RunnerError } from '../link/runner-error.ts';
import type { RunnerProblem } from '../wire/answer.ts';
import { shownPath } from './path.ts';

const kinds: Readonly<Partial<Record<RunnerProblem, readonly [FileProblemKind, string]>>> = {
  outside: ['outside', 'it leads out of the work folder'],
  not_a_file: ['no_file', 'it is no file'],
  no_such_file: ['missing', 'it is not there'],
  is_a_folder: ['folder', 'it is a folder'],
  not_a_folder: ['no_folder', 'a part of the path is no folder'],
  denied: ['denied', 'access is denied'],
  no_space: ['no_space', 'the disk of the sandbox is full'],
  too_big: ['too_big', 'it is too big'],
  bad_request: ['name', 'the kernel does not take this path'],
  exists: ['exists', 'something else of this name is there'],
  loop: ['loop', 'the path has too many links'],
  short: ['interrupted', 'not all of it arrived'],
};

/** What the runner refused, as an error of this path; everything else stays as it is. */
export function fileProblem(thrown: unknown, path: SandboxPath): unknown {
  if (!(thrown instanceof RunnerError)) return thrown;
  const [kind, problem] = kinds[thrown.problem] ?? ['io', `${shownPath(thrown.message)} (errno ${thrown.errno})`];
  return new FileProblem({ path: shownPath(path), kind, problem }, { cause: thrown });
}

export function refuseFile(path: SandboxPath, kind: FileProblemKind, problem: string): never {
  throw new FileProblem({ path: shownPath(path), kind, problem });
}
