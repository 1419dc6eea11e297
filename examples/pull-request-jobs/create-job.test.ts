import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { document000 } from '../test/document-000.ts';
import { node } from '../test/command.ts';
import { exampleCommand, usersOwnPath } from '../test/example-command.ts';
import { run } from '../test/run.ts';

const file = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');

test('the example program is that of document 000, word for word', () => {
  expect(file('create-job.ts')).toBe(document000.typescript);
});

test('with the tsconfig.json beside it `@/lib/k8s-pull-request-pod` resolves, and the types of the example program fit', async () => {
  const folder = 'examples/pull-request-jobs';
  const { code, stdout } = await node(['node_modules/typescript/bin/tsc', '-p', folder, '--listFiles']);
  expect(code, stdout).toBe(0);
  expect(stdout).toContain(`${folder}/lib/k8s-pull-request-pod.ts`);
});

test('the command of the README runs with whatever Node the machine has, as far as there is a cluster', async () => {
  const { HOME } = process.env;
  const { code, stderr } = await run(['bash', '-euo', 'pipefail', '-c', exampleCommand(file('README.md'))], {
    cwd: join(import.meta.dirname, '..', '..'),
    env: { ...usersOwnPath(), HOME, KUBECONFIG_PATH: '/no/kubeconfig' },
  });
  expect(code).toBe(1);
  expect(stderr).toContain('The kubeconfig /no/kubeconfig cannot be used');
});

test('curl.sh makes the three calls of document 000, each at EPHEMERA_URL and with the header of the token', () => {
  const unindented = file('curl.sh').replaceAll(/^ {4}/gm, '').replaceAll(/\s+/g, ' ');
  for (const call of [document000.create, document000.status, document000.cleanup]) {
    const asInScript = call
      .replace('curl -X POST /api', 'curl -sS --fail-with-body -H @"$header" -X POST "$EPHEMERA_URL"/api')
      .replace('pr-job-pr-123-build-1640995200000', `'"$job"'`)
      .replaceAll(/\s+/g, ' ')
      .trim();
    expect(unindented).toContain(asInScript);
  }
});
