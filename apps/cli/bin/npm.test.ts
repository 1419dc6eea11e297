import { expect, test } from 'vitest';
import { npmCommand } from './npm.mjs';

const npmScript = '/usr/lib/node_modules/npm/bin/npm-cli.js';

test('under npm the same npm installs, under the same Node', () => {
  const env = { PATH: '/usr/bin', npm_execpath: npmScript };
  expect(npmCommand('/repo', { env, execPath: '/usr/bin/node' })).toMatchObject({
    program: '/usr/bin/node',
    leading: [npmScript],
  });
});

test('the Node that is about to be removed does not run the installation', () => {
  const env = { PATH: '/repo/node_modules/.bin:/usr/bin', npm_execpath: npmScript, npm_node_execpath: '/usr/bin/node' };
  const command = npmCommand('/repo', { env, execPath: '/repo/node_modules/node/bin/node' });
  expect(command).toMatchObject({ program: '/usr/bin/node', env: { PATH: '/usr/bin' } });
});

test.each([
  ['without npm', {}],
  ['under another package manager', { npm_execpath: '/usr/lib/node_modules/pnpm/bin/pnpm.cjs' }],
])('%s npm comes from the PATH', (_when, extra) => {
  const command = npmCommand('/repo', { env: { PATH: '/usr/bin', ...extra }, execPath: '/usr/bin/node' });
  expect(command).toMatchObject({ program: 'npm', leading: [] });
});
