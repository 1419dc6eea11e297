import type { Check } from './check.ts';
import { tool } from './tool.ts';

export const lint: Check = {
  name: 'lint',
  run: async (root) => {
    const { problems } = await tool(root, 'oxlint/bin/oxlint', ['--type-aware', '--deny-warnings', '--format', 'unix']);
    return { problems };
  },
};
