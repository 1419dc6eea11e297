import type { Check } from './check.ts';
import { isScript, sources, type Source } from './sources.ts';

const WARN_LINES = 300;
const MOST_LINES = 500;

/** A long file is rarely one thing. Generated code is exempt: its folder is called `generated`. */
export const fileSize: Check = {
  name: 'file size',
  run: async (root) => {
    const written = (path: string) => (isScript(path) || path.endsWith('.go')) && !/(^|\/)generated\//.test(path);
    return tooLong(await sources(root, written));
  },
};

export function tooLong(files: readonly Source[]): { problems: readonly string[]; notes: readonly string[] } {
  const sizes = files.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
  const longer = (from: number, to: number) =>
    sizes
      .filter(({ lines }) => lines > from && lines <= to)
      .map(
        ({ path, lines }) =>
          `${path} has ${lines} lines (at most ${MOST_LINES}, better under ${WARN_LINES}): split it by subject`,
      );
  return { problems: longer(MOST_LINES, Infinity), notes: longer(WARN_LINES, MOST_LINES) };
}
