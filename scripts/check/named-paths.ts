import { posix } from 'node:path';
import type { Source } from './sources.ts';

export interface NamedPath {
  readonly line: number;
  /** As it stands on the page. */
  readonly named: string;
  /** What it means, relative to the root. */
  readonly target: string;
}

const CODE = /`([^`\n]+)`/g;
const LINK = /\]\(([^)\s]+)\)/g;
const IN_HOUSE = /^(packages|apps|tools|scripts|docs|\.ci)\/[\w./-]*$/;

/** The files and folders of this repository that a page names: in code spans from the root, in links from where it stands. Pure. */
export function pathsNamed({ path, text }: Source): readonly NamedPath[] {
  return text.split('\n').flatMap((content, index) => {
    const line = index + 1;
    const spans = matches(CODE, content)
      .filter((named) => IN_HOUSE.test(named))
      .map((named) => ({ line, named, target: posix.normalize(named) }));
    // What stands in code is no link, however much a pattern may look like one.
    const links = matches(LINK, content.replaceAll(CODE, ''))
      .filter((named) => !/^([a-z]+:|#)/.test(named))
      .map((named) => ({ line, named, target: posix.join(posix.dirname(path), named.replace(/#.*$/, '')) }));
    return [...spans, ...links];
  });
}

function matches(pattern: RegExp, text: string): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => String(match[1]));
}
