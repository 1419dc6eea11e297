import type { Check } from './check.ts';
import { tool } from './tool.ts';

export const types: Check = {
  name: 'types',
  run: (root) => tool(root, 'typescript/bin/tsc', ['--project', '.', '--pretty', 'false']),
};
