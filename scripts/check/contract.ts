import type { Check } from './check.ts';
import { contractProblems } from './promises.ts';
import { isScript, isTest, sources, type Source } from './sources.ts';

const PAGE = 'docs/contract.md';

/** Each public promise names the test that shows it, and that test is there. */
export const contract: Check = {
  name: 'contract',
  run: async (root) => {
    const [page] = await sources(root, (path) => path === PAGE);
    if (page === undefined) return { problems: [`${PAGE} is missing: it lists what we promise, and what shows it`] };
    const tests = await sources(root, (path) => isScript(path) && isTest(path));
    return { problems: contractProblems(page.text, tests.map(titlesBesideTheirBrackets)) };
  },
};

/** The formatter puts a long title on a line of its own. */
function titlesBesideTheirBrackets({ path, text }: Source): Source {
  return { path, text: text.replaceAll(/\(\s+(?=['"`])/g, '(') };
}
