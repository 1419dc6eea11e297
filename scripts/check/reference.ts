import { FOLDER, referencePages } from '../reference/pages.ts';
import type { Check } from './check.ts';
import { sources } from './sources.ts';

/** The generated pages say what the code says. */
export const reference: Check = {
  name: 'reference',
  run: async (root) => {
    const wanted = await referencePages(root);
    const made = new Set(wanted.map(({ path }) => path));
    const found = await sources(root, (path) => path.startsWith(`${FOLDER}/`) || made.has(path));
    const texts = new Map(found.map(({ path, text }) => [path, text]));
    const stale = wanted.filter(({ path, text }) => texts.get(path) !== text).map(({ path }) => path);
    const unknown = found.map(({ path }) => path).filter((path) => !made.has(path));
    return {
      problems: [
        ...stale.map((path) => `${path} is not what the code says: run \`npm run reference\``),
        ...unknown.map((path) => `${path} is in a folder of generated pages, but nothing makes it`),
      ],
    };
  },
};
