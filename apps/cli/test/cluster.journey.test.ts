import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './command.ts';
import { temporaryFolder } from './temporary-folder.ts';

const kubeconfigPath = process.env.EPHEMERA_TEST_KUBECONFIG;
// With a cluster of the user's there is no local one to ask about.
const isLocal = kubeconfigPath !== undefined;

test.runIf(isLocal)('cluster status, kubeconfig and kubectl speak of the cluster that is up', async () => {
  const status = await run(['cluster', 'status', '--name', 'test', '--json']);
  expect(status.code).toBe(0);
  expect(JSON.parse(status.stdout)).toMatchObject({
    state: 'up',
    version: expect.stringMatching(/^v1\.36\./),
    kubeconfig: kubeconfigPath,
    apiServer: expect.stringMatching(/^https:/),
    registry: expect.stringMatching(/:5000$/),
    nodeAddress: expect.any(String),
  });
  expect((await run(['cluster', 'kubeconfig', '--name', 'test'])).stdout).toBe(`${kubeconfigPath}\n`);

  const nodes = await run(['cluster', 'kubectl', '--name', 'test', '--', 'get', 'nodes', '-o', 'name']);
  expect(nodes).toMatchObject({ code: 0, stdout: 'node/ephemera-test\n' });
  expect((await run(['cluster', 'kubectl', '--name', 'test', '--', 'get', 'nothing-of-the-kind'])).code).toBe(1);
});

test.runIf(isLocal)('demo --context plays on that cluster and starts none of its own', async () => {
  using folder = temporaryFolder('context');
  const file = join(folder.path, 's.json');
  const demo = await run(['demo', '--once', '--context', 'ephemera-test', '--summary', file], {
    KUBECONFIG_PATH: kubeconfigPath,
  });
  expect(demo.code, demo.stderr).toBe(0);
  expect(demo.stdout).toContain('context ephemera-test of ');
  expect(demo.stdout).not.toContain('kube-apiserver');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ leftovers: [] });
});

test('demo --context with a context that is not there ends with 2 and starts nothing', async () => {
  using folder = temporaryFolder('context');
  const demo = await run(['demo', '--once', '--context', 'nope'], {
    KUBECONFIG_PATH: kubeconfigPath ?? join(folder.path, 'none'),
  });
  expect(demo.code).toBe(2);
  expect(demo.stderr).toContain('nope');
  expect(demo.stdout).not.toContain('database');
});
