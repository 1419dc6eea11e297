import type { Check } from './check.ts';
import { contractProblems } from './promises.ts';
import { isScript, isTest, sources, type Source } from './sources.ts';

/** The list of all promises, and pages that make them where they are read. */
const PAGES = ['docs/contract.md', 'docs/pull-request-jobs-security.md', 'docs/sandboxes-security.md'];

/** Each public promise names the test that shows it, and that test is there. */
export const contract: Check = {
  name: 'contract',
  run: async (root) => {
    const pages = await sources(root, (path) => PAGES.includes(path));
    const missing = PAGES.filter((path) => !pages.some((page) => page.path === path));
    const tests = (await sources(root, (path) => isScript(path) && isTest(path))).map(titlesBesideTheirBrackets);
    return {
      problems: [
        ...missing.map((path) => `${path} is missing: it lists what we promise, and what shows it`),
        ...pages.flatMap((page) => contractProblems(page, tests)),
      ],
    };
  },
};

/** The formatter puts a long title on a line of its own. */
function titlesBesideTheirBrackets({ path, text }: Source): Source {
  return { path, text: text.replaceAll(/\(\s+(?=['"`])/g, '(') };
}
