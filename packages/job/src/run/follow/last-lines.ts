import type { LastLines } from './fate.ts';

const linesKept = 20;
const charactersKept = 1_000;
/** Of so many containers, those that wrote last: a Job may have thousands of pods. */
const containersKept = 100;

/** Remembers how each container's log ended, for pods that are deleted before anybody asks. */
export function lastLines(): {
  readonly of: LastLines;
  add(pod: string, container: string, line: string): void;
} {
  const kept = new Map<string, string[]>();
  const key = (pod: string, container: string): string => `${pod}/${container}`;
  return {
    of: (pod, container) => kept.get(key(pod, container)) ?? [],
    add: (pod, container, line) => {
      const name = key(pod, container);
      const lines = kept.get(name) ?? [];
      lines.push(line.slice(0, charactersKept));
      if (lines.length > linesKept) lines.shift();
      // Set anew, so that the first of the map is the one that has been silent for longest.
      kept.delete(name);
      kept.set(name, lines);
      const [silent] = kept.keys();
      if (kept.size > containersKept && silent !== undefined) kept.delete(silent);
    },
  };
}
