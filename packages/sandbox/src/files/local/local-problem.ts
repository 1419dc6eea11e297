import { messageOf } from '@ephemera/model';
import { LocalFileProblem } from '../../errors.ts';
import { type BytePath, shownPath, toBytes } from '../path.ts';

const problems: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EISDIR: 'a folder of this name is there',
  ENOTDIR: 'a part of the path is no folder',
  ELOOP: 'it is a link, and nothing is read or written through it',
  ENAMETOOLONG: 'the path is too long',
  EEXIST: 'it is there already',
  ENOTEMPTY: 'a folder of this name is there',
  EILSEQ: 'the file system does not take this name',
};

/** Gives what a call to the local file system threw its type; everything else stays as it is. */
export function localProblem(thrown: unknown, path: BytePath): unknown {
  if (!(thrown instanceof Error) || !('code' in thrown) || !('syscall' in thrown)) return thrown;
  const problem = problems[String(thrown.code)] ?? messageOf(thrown);
  return new LocalFileProblem({ path: shownPath(toBytes(path)), problem }, { cause: thrown });
}

export function refuseLocal(path: BytePath, problem: string): never {
  throw new LocalFileProblem({ path: shownPath(toBytes(path)), problem });
}

export async function local<T>(path: BytePath, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw localProblem(error, path);
  }
}
