import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './check.ts';
import { pathsNamed } from './named-paths.ts';
import { sources } from './sources.ts';

const PAGE = /^([A-Z]+|docs\/.*|(packages|apps|tools)\/[^/]+\/[A-Z]+)\.md$/;
/** Promises of what is still to come name files that are not there yet. */
const CONTRACT = 'docs/contract.md';

/** Whatever the pages point to is there. */
export const docPaths: Check = {
  name: 'doc paths',
  run: async (root) => {
    const pages = await sources(root, (path) => PAGE.test(path) && path !== CONTRACT);
    return {
      problems: pages.flatMap((page) =>
        pathsNamed(page)
          .filter(({ target }) => !existsSync(join(root, target)))
          .map(({ line, named }) => `${page.path}:${line} names ${named}, which is not there`),
      ),
    };
  },
};
