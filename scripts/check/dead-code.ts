import type { Check } from './check.ts';
import { tool } from './tool.ts';

/** Files, exports and dependencies that nothing uses, and imports that no package.json lists. */
export const deadCode: Check = {
  name: 'dead code',
  run: (root) => tool(root, 'knip/bin/knip.js', ['--no-progress', '--no-config-hints']),
};
