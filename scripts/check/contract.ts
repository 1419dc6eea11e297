import type { Check } from './check.ts';
import { contractProblems } from './promises.ts';
import { isScript, isTest, sources } from './sources.ts';

const PAGE = 'docs/contract.md';

/** Each public promise names the test that shows it, and that test is there. */
export const contract: Check = {
  name: 'contract',
  run: async (root) => {
    const [page] = await sources(root, (path) => path === PAGE);
    if (page === undefined) return { problems: [], notes: [`${PAGE} is not there yet`] };
    const tests = await sources(root, (path) => isScript(path) && isTest(path));
    return { problems: contractProblems(page.text, tests) };
  },
};
