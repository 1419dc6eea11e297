import type { Source } from './sources.ts';

export interface Trace {
  readonly text: string;
  readonly what: string;
}

const HOME = /(?<![\w.])\/(?:home|Users)\/[a-z][\w.-]*\//;

/** Lines that are true on one machine only: its folders, and where it gets its packages. Pure. */
export function tracesIn(files: readonly Source[], traces: readonly Trace[]): readonly string[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const found = traces.find((trace) => line.includes(trace.text));
      const what = found?.what ?? (HOME.test(line) ? "somebody's home folder" : undefined);
      return what === undefined ? [] : [`${path}:${index + 1} holds ${what}: ${line.trim().slice(0, 120)}`];
    }),
  );
}
