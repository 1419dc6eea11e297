import { expect, test } from 'vitest';
import { wrongImports } from './direction.ts';

const exports = new Map([
  ['@ephemera/model', ['.']],
  ['@ephemera/kube', ['.', './testing']],
  ['@ephemera/server', ['.']],
]);
const wrong = (path: string, module: string) =>
  wrongImports([{ path, text: `import { a } from '${module}';\n` }], exports);

test.each([
  ['packages/kube/src/apply.ts', '@ephemera/model'],
  ['packages/kube/src/apply.ts', './request.ts'],
  ['packages/kube/src/apply.ts', 'undici'],
  ['apps/server/src/main.ts', '@ephemera/kube'],
  ['apps/server/src/main.test.ts', '@ephemera/fake-github'],
  ['apps/cli/src/up.ts', '@ephemera/server'],
  ['apps/cli/src/up.ts', '@ephemera/kube/testing'],
  ['packages/job/src/run/apply.ts', '../compile/pod-job.ts'],
  ['scripts/test.ts', '@ephemera/local-cluster'],
])('%s may import %s', (path, module) => {
  expect(wrong(path, module)).toEqual([]);
});

test.each([
  ['packages/model/src/names.ts', '@ephemera/kube', 'packages/model may use nothing of this repository'],
  ['packages/github/src/app.ts', '@ephemera/kube', 'packages/github may use @ephemera/model'],
  ['apps/server/src/main.ts', '@ephemera/fake-github', 'apps/server may use'],
  ['packages/kube/src/apply.ts', '@ephemera/server', 'packages/kube may use @ephemera/model'],
  ['packages/kube/src/apply.ts', '../../model/src/names.ts', "import from '@ephemera/model' instead"],
  ['scripts/test.ts', '../packages/model/src/names.ts', "import from '@ephemera/model' instead"],
  ['apps/cli/src/up.ts', '@ephemera/server/src/app.ts', 'which the package does not export'],
  ['packages/job/src/compile/pod-job.ts', '../run/apply.ts', 'must not use the rest of packages/job'],
  ['packages/job/src/compile/pod-job.ts', '@ephemera/kube', 'packages/job/src/compile may use @ephemera/model'],
])('%s may not import %s', (path, module, reason) => {
  expect(wrong(path, module)).toEqual([expect.stringContaining(reason)]);
});
