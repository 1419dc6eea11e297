import { expect, test } from 'vitest';
import { looseVersions } from './versions.ts';

test('wants exact versions', () => {
  const dependencies = {
    exact: '1.2.3',
    beta: '18.4.0-beta.17',
    alias: 'npm:@scope/name@6.0.0',
    caret: '^1.0.0',
    tag: 'latest',
    star: '*',
  };
  const manifest = { path: 'package.json', text: JSON.stringify({ dependencies, peerDependencies: { wide: '>=1' } }) };
  expect(looseVersions([manifest]).map((problem) => problem.split(' ')[1])).toEqual(['caret', 'tag', 'star']);
});
