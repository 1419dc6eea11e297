import type { Source } from './sources.ts';

/** A row of a table whose last column is headed "Shown by". */
export interface Promised {
  readonly line: number;
  readonly promise: string;
  readonly shownBy: string;
}

const TEST = /test:\s*(`+)\s?(.+?)\s?\1/g;
const LATER = /^later:\s*\S/;

/** What is wrong with a page: rows that nothing shows, and tests that are named but not there. Pure. */
export function contractProblems({ path, text }: Source, tests: readonly Source[]): readonly string[] {
  const rows = promisesOf(text);
  if (rows.length === 0) return [`${path} has no table with a last column "Shown by"`];
  return rows.flatMap((row) =>
    problemsOf(row, tests).map((problem) => `${path}:${row.line} (${row.promise}): ${problem}`),
  );
}

function problemsOf({ promise, shownBy }: Promised, tests: readonly Source[]): readonly string[] {
  if (promise === '') return ['the row promises nothing'];
  const titles = [...shownBy.matchAll(TEST)].map((match) => String(match[2]));
  if (titles.length === 0) {
    return LATER.test(shownBy) ? [] : ['the last column says neither "test: `title`" nor "later: reason"'];
  }
  return titles
    .filter((title) => !tests.some(({ text }) => hasTest(text, title)))
    .map((title) => `no test is called "${title}" (one that is skipped does not count)`);
}

export function promisesOf(page: string): readonly Promised[] {
  const rows: Promised[] = [];
  let inTable = false;
  for (const [index, line] of page.split('\n').entries()) {
    const cells = cellsOf(line);
    if (cells === undefined) inTable = false;
    else if (/^shown by$/i.test(cells.at(-1) ?? '')) inTable = true;
    else if (inTable && !cells.every((cell) => /^:?-+:?$/.test(cell))) {
      rows.push({ line: index + 1, promise: cells[0] ?? '', shownBy: cells.at(-1) ?? '' });
    }
  }
  return rows;
}

function cellsOf(line: string): readonly string[] | undefined {
  const row = /^\s*\|(.*)\|\s*$/.exec(line)?.[1];
  return row?.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** A title stands as the first argument of a call; `describe` groups and skipped tests show nothing. */
function hasTest(text: string, title: string): boolean {
  return ["'", '"', '`'].some((quote) => {
    const literal = `(${quote}${title.replaceAll(quote, `\\${quote}`)}${quote}`;
    for (let at = text.indexOf(literal); at !== -1; at = text.indexOf(literal, at + 1)) {
      if (!/\b(describe|skip|todo|log|info|warn|error)$/.test(text.slice(0, at))) return true;
    }
    return false;
  });
}
