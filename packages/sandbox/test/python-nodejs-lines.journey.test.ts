import { connectCluster, findAccess } from '@ephemera/kube';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { clusterHost, KubernetesSandbox, Sandbox } from '../src/index.ts';
import { startRightsNamespace } from './rights/rights-namespace.ts';
import { openTerminal } from './rights/terminal.ts';
import { patience, small } from './world.ts';

const { EPHEMERA_TEST_PYTHON_NODEJS: provided, EPHEMERA_TEST_KUBECONFIG: kubeconfigPath } = process.env;
const image = JSON.parse(provided ?? '""') as string;

describe.skipIf(provided === undefined)('document 001, typed into a shell', () => {
  const terminal = openTerminal();
  afterAll(() => terminal[Symbol.dispose]());
  const forget = () => kubectl(['delete', '-f', 'k8s/rbac/k8s.yaml', '--ignore-not-found']);

  // One after the other, and nobody else uses these names: the document's namespace is `default`.
  test('its lines give the rights, verify them, and make, use and remove a sandbox', async () => {
    await forget();
    try {
      const applied = await terminal.type('kubectl apply -f k8s/rbac/k8s.yaml');
      expect(applied.stdout).toBe(
        'serviceaccount/ci-fixer-app created\n' +
          'serviceaccount/ci-fixer-sandbox created\n' +
          'role.rbac.authorization.k8s.io/ci-fixer-sandbox-manager created\n' +
          'rolebinding.rbac.authorization.k8s.io/ci-fixer-sandbox-binding created\n',
      );
      for (const what of [
        'serviceaccount ci-fixer-app',
        'serviceaccount ci-fixer-sandbox',
        'role ci-fixer-sandbox-manager',
        'rolebinding ci-fixer-sandbox-binding',
      ]) {
        const got = await terminal.type(`kubectl get ${what}`);
        expect(got.stdout).toContain(what.split(' ')[1]);
      }

      const verified = await terminal.type('npx tsx scripts/verify-k8s-deployment.ts');
      expect(verified, verified.stdout + verified.stderr).toMatchObject({ code: 0 });
      expect(verified.stdout).not.toContain('❌');
      expect(verified.stdout.trimEnd().split('\n').at(-1)).toBe('All ServiceAccounts and Roles verified ✅');

      const jobs = terminal.leave('kubectl get jobs -l app=ci-fixer-sandbox -w');
      const pods = terminal.leave('kubectl get pods -l app=ci-fixer-sandbox -w');
      const tested = await terminal.type('npx tsx scripts/test-k8s-sandbox.ts');
      expect(tested, tested.stdout + tested.stderr).toMatchObject({ code: 0 });
      expect(tested.stdout).toBe(
        'Testing Kubernetes Job spawning...\n' +
          '✅ Job created successfully\n' +
          '✅ Command executed: Hello from K8s sandbox!\n\n' +
          '✅ Job deleted successfully\n',
      );
      await vi.waitFor(() => {
        expect(jobs.output()).toMatch(/^sandbox-[0-9a-f]{10} /m);
        expect(pods.output()).toMatch(/^sandbox-[0-9a-f]{10}-\S+ .*Running/m);
      }, patience);
      await Promise.all([jobs.stop(), pods.stop()]);

      const after = await terminal.type('kubectl get jobs -l app=ci-fixer-sandbox');
      expect(after.stderr).toContain('No resources found in default namespace');

      const app = '--as=system:serviceaccount:default:ci-fixer-app';
      expect(await terminal.type(`kubectl auth can-i create jobs ${app}`)).toMatchObject({ code: 0, stdout: 'yes\n' });
      expect(await terminal.type(`kubectl auth can-i delete nodes ${app}`)).toMatchObject({ code: 1, stdout: 'no\n' });

      await terminal.type('kubectl delete serviceaccount ci-fixer-sandbox');
      const failed = await terminal.type('npx tsx scripts/test-k8s-sandbox.ts');
      expect(failed.code).toBe(1);
      expect(failed.stdout).toBe('Testing Kubernetes Job spawning...\n');
      expect(failed.stderr).toMatch(/^❌ Test failed: .*service ?account.*ci-fixer-sandbox/im);
      const left = await terminal.type('kubectl get jobs,pods,configmaps,networkpolicies -l app=ci-fixer-sandbox');
      expect(left.stderr).toContain('No resources found in default namespace');
      const again = await terminal.type('kubectl apply -f k8s/rbac/k8s.yaml');
      expect(again.stdout).toContain('serviceaccount/ci-fixer-sandbox created');
    } finally {
      await forget();
    }
  });

  test('its troubleshooting lines show what is there, and remove what is left', async () => {
    await using namespace = await startRightsNamespace('lines');
    using there = openTerminal({ namespace: namespace.name });
    const role = await there.type('kubectl get rolebinding ci-fixer-sandbox-binding -o yaml');
    expect(role.stdout).toContain('name: ci-fixer-sandbox-manager');
    const described = await there.type('kubectl describe rolebinding ci-fixer-sandbox-binding');
    expect(described.stdout).toMatch(/ServiceAccount +ci-fixer-app/);
    expect(described.stdout).not.toMatch(/ServiceAccount +ci-fixer-sandbox/);

    await using cluster = await connectCluster(findAccess({ kubeconfigPath }));
    const sandbox = await Sandbox.create({ ...small, on: clusterHost({ cluster, namespace: namespace.name }) });
    await sandbox.disconnect();
    const ttl = await there.type(`kubectl get job ${sandbox.id} -o yaml | grep ttlSecondsAfterFinished`);
    expect(ttl.stdout).toBe('  ttlSecondsAfterFinished: 300\n');
    expect((await there.type(`kubectl describe job ${sandbox.id}`)).stdout).toMatch(/app=ci-fixer-sandbox/);
    const [pod = ''] = (await there.type('kubectl get pods -l app=ci-fixer-sandbox -o name')).stdout.split('\n');
    expect((await there.type(`kubectl describe ${pod}`)).stdout).toMatch(/^Image|^ +Image: +busybox:1$/m);
    expect((await there.type(`kubectl logs ${pod}`)).code).toBe(0);

    const printed = await there.type('kubectl delete jobs -l app=ci-fixer-sandbox --all');
    expect(printed.stderr).toContain("setting 'all' parameter but found a non empty selector");
    const deleted = await there.type('kubectl delete jobs -l app=ci-fixer-sandbox');
    expect(deleted.stdout).toContain(`"${sandbox.id}" deleted`);
    await vi.waitFor(async () => {
      const left = await there.type('kubectl get jobs,pods,configmaps,networkpolicies -l app=ci-fixer-sandbox');
      expect(left.stdout).toBe('');
    }, patience);
  });

  test('the image of the document has what its name says, in a sandbox with nothing but the restricted rights', async () => {
    await using namespace = await startRightsNamespace('image');
    await using cluster = await connectCluster(findAccess({ kubeconfigPath }));
    const on = clusterHost({ cluster, namespace: namespace.name });
    const sandbox = new KubernetesSandbox(undefined, namespace.name, { on });
    try {
      await sandbox.init();
      const python = await sandbox.runCommand('python3 -c "import sqlite3, ssl, sys; print(sys.version_info[0])"');
      expect(python).toMatchObject({ exitCode: 0, stdout: '3\n' });
      expect(await sandbox.runCommand('node --version')).toMatchObject({ stdout: expect.stringMatching(/^v20\./) });
      // In the work folder itself, which is not the user's own.
      const git =
        'git init -q && git config user.name x && git config user.email x@example.com && touch a && git add a';
      const committed = await sandbox.runCommand(
        `bash -c '${git} && git commit -qm first && git log --oneline | wc -l'`,
      );
      expect(committed).toMatchObject({ exitCode: 0, stdout: '1\n' });
      const npm = await sandbox.runCommand(
        `echo '{"scripts":{"test":"node -p 6*7"}}' > package.json && npm test --silent`,
      );
      expect(npm).toMatchObject({ exitCode: 0, stdout: '42\n' });
    } finally {
      await sandbox.teardown();
    }
  });
});

test.skipIf(provided === undefined)(
  'the image that a sandbox takes by default is the one that the document names',
  () => {
    expect(image).toBe('nikolaik/python-nodejs:python3.11-nodejs20-bullseye');
  },
);
