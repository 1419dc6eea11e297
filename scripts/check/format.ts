import type { Check } from './check.ts';
import { tool } from './tool.ts';

export const format: Check = {
  name: 'format',
  run: async (root) => {
    const { problems } = await tool(root, 'oxfmt/bin/oxfmt', ['--list-different']);
    return { problems: problems.map((files) => `not formatted, \`npm run format\` mends it:\n${files}`) };
  },
};
