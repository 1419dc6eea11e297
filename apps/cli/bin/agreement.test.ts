import { expect, test } from 'vitest';
import { agrees } from './agreement.mjs';

const wanted = {
  packages: {
    '': { version: '0.0.0' },
    'packages/kube': { version: '0.0.0' },
    'node_modules/@ephemera/kube': { link: true },
    'node_modules/yaml': { version: '2.9.1' },
    'node_modules/tool-mac': { version: '1.0.0', optional: true },
  },
};
const kube = { 'node_modules/@ephemera/kube': { link: true } };

test.each([
  ['the same packages', { ...kube, 'node_modules/yaml': { version: '2.9.1' } }, true],
  [
    'one more package',
    { ...kube, 'node_modules/yaml': { version: '2.9.1' }, 'node_modules/x': { version: '1.0.0' } },
    true,
  ],
  ['another version', { ...kube, 'node_modules/yaml': { version: '2.9.0' } }, false],
  [
    'another version of an optional one',
    { ...kube, 'node_modules/yaml': { version: '2.9.1' }, 'node_modules/tool-mac': { version: '0.9.0' } },
    false,
  ],
  ['a package too few', kube, false],
  ['a workspace that is not linked', { 'node_modules/yaml': { version: '2.9.1' } }, false],
])('%s: %j is in agreement: %s', (_what, packages, expected) => {
  expect(agrees(wanted, { packages })).toBe(expected);
});
