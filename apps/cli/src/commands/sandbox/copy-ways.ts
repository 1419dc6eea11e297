import { BadInput } from '../../errors.ts';

/** One copy between this machine and a sandbox. */
export interface CopyWay {
  readonly direction: 'up' | 'down';
  /** Id or name. */
  readonly sandbox: string;
  /** `.` is the work folder. */
  readonly there: string;
  readonly here: string;
}

/** A path with a colon in its first part is written with `./` before it. */
const inSandbox = /^([a-z0-9][-a-z0-9]*):(.*)$/s;

/** FROM and TO as they were written. Throws `cli.bad_input` unless exactly one of them is in a sandbox. Pure. */
export function copyWayOf(from: string, to: string): CopyWay {
  const [source, target] = [inSandbox.exec(from), inSandbox.exec(to)];
  if (source && target)
    throw new BadInput({
      problem: 'Both paths are in sandboxes.',
      hint: 'Copy to this machine first, then to the other sandbox.',
    });
  const path = (match: RegExpExecArray): string => match[2] || '.';
  if (target) return { direction: 'up', sandbox: target[1] ?? '', there: path(target), here: nonEmpty(from) };
  if (source) return { direction: 'down', sandbox: source[1] ?? '', there: path(source), here: nonEmpty(to) };
  throw new BadInput({
    problem: 'Neither path is in a sandbox.',
    hint: 'Write ID:PATH for the one that is, such as sandbox-0123456789:src; ID: alone is the work folder.',
  });
}

function nonEmpty(path: string): string {
  if (path === '') throw new BadInput({ problem: 'A path on this machine is empty.', hint: 'This folder is `.`.' });
  return path;
}

/**
 * The name that what is copied keeps in a folder; undefined where the content of a folder is meant: `.`, `..`, `/`, and whatever ends with one of
 * the first two. Pure.
 */
export function keptName(path: string): string | undefined {
  const last = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return last === '' || last === '.' || last === '..' ? undefined : last;
}

/**
 * Where it goes: into a folder that is there, or is written with a slash at its end, under its own name; else the path is its new name. The
 * content of a folder goes into the path itself. Pure.
 */
export function targetOf(
  to: string,
  { name, isFolder }: { readonly name: string | undefined; readonly isFolder: boolean },
): string {
  if (name === undefined || !(isFolder || to.endsWith('/'))) return to;
  return to.endsWith('/') ? `${to}${name}` : `${to}/${name}`;
}
