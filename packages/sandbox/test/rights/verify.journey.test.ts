import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, expect, test } from 'vitest';
import { startRightsNamespace, type RightsNamespace } from './rights-namespace.ts';
import { openTerminal } from './terminal.ts';

const terminal = openTerminal();
afterAll(() => terminal[Symbol.dispose]());

const verify = (namespace: string, ...more: readonly string[]) =>
  terminal.type(['npx tsx scripts/verify-k8s-deployment.ts --namespace', namespace, ...more].join(' '));

test('where everything is as it should be each line has its check mark, and the end is 0', async () => {
  await using namespace = await startRightsNamespace('fine');
  const { code, stdout, stderr } = await verify(namespace.name);
  expect(code, stdout + stderr).toBe(0);
  const [where, ...lines] = stdout.trimEnd().split('\n');
  expect(where).toContain(`Sandboxes in ${namespace.name}, context `);
  const subjects = lines.slice(0, -1).map((line) => /^✅ ([^:]+): ./.exec(line)?.[1] ?? line);
  expect(subjects).toEqual([
    'cluster',
    'ServiceAccount ci-fixer-app',
    'ServiceAccount ci-fixer-sandbox',
    'Role ci-fixer-sandbox-manager',
    'RoleBinding ci-fixer-sandbox-binding',
    'other bindings',
    'rights of ci-fixer-app',
    'limits of ci-fixer-app',
    'limits of ci-fixer-sandbox',
  ]);
  expect(lines.at(-1)).toBe('All ServiceAccounts and Roles verified ✅');
});

interface Breakage {
  readonly what: string;
  readonly broken: (namespace: RightsNamespace) => Promise<unknown>;
  /** Every line that is a fault; all others have to be fine. */
  readonly faults: readonly RegExp[];
}

const inside = ({ name }: RightsNamespace, ...args: readonly string[]) => kubectl([...args, '-n', name]);

const breakages: readonly Breakage[] = [
  {
    what: 'a missing application account',
    broken: (namespace) => inside(namespace, 'delete', 'serviceaccount', 'ci-fixer-app'),
    faults: [/^❌ ServiceAccount ci-fixer-app: there is no ServiceAccount ci-fixer-app in sandbox-/],
  },
  {
    what: 'a missing sandbox account',
    broken: (namespace) => inside(namespace, 'delete', 'serviceaccount', 'ci-fixer-sandbox'),
    faults: [/^❌ ServiceAccount ci-fixer-sandbox: there is no ServiceAccount ci-fixer-sandbox in sandbox-/],
  },
  {
    what: 'a sandbox account with a token',
    broken: (namespace) =>
      inside(namespace, 'patch', 'serviceaccount', 'ci-fixer-sandbox', '-p', '{"automountServiceAccountToken":true}'),
    faults: [/^❌ ServiceAccount ci-fixer-sandbox: gives its pods a token/],
  },
  {
    what: 'a role that lacks a right',
    broken: (namespace) => setRules(namespace, [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'list'] }]),
    faults: [
      /^❌ Role ci-fixer-sandbox-manager: does not give create jobs of batch/,
      /^❌ rights of ci-fixer-app: may not .*create configmaps in sandbox-/,
    ],
  },
  {
    what: 'a role with a right too many',
    broken: async (namespace) => {
      const patch = [
        { op: 'add', path: '/rules/-', value: { apiGroups: [''], resources: ['secrets'], verbs: ['list'] } },
      ];
      await inside(namespace, 'patch', 'role', 'ci-fixer-sandbox-manager', '--type=json', '-p', JSON.stringify(patch));
    },
    faults: [
      /^❌ Role ci-fixer-sandbox-manager: gives more than it should: list secrets$/,
      /^❌ limits of ci-fixer-app: may also list secrets in sandbox-\S+$/,
    ],
  },
  {
    what: 'a missing role',
    broken: (namespace) => inside(namespace, 'delete', 'role', 'ci-fixer-sandbox-manager'),
    faults: [
      /^❌ Role ci-fixer-sandbox-manager: there is no Role/,
      /^❌ rights of ci-fixer-app: may not .* and \d+ more$/,
    ],
  },
  {
    what: 'a binding to the wrong account',
    broken: (namespace) => setSubjects(namespace, ['ci-fixer-sandbox']),
    faults: [
      /^❌ RoleBinding ci-fixer-sandbox-binding: does not name ci-fixer-app, but ServiceAccount ci-fixer-sandbox of /,
      /^❌ rights of ci-fixer-app: may not /,
      /^❌ limits of ci-fixer-sandbox: may also .*create configmaps in sandbox-/,
    ],
  },
  {
    what: 'a binding to the sandbox account as well, as the original had it',
    broken: (namespace) => setSubjects(namespace, ['ci-fixer-app', 'ci-fixer-sandbox']),
    faults: [
      /^❌ RoleBinding ci-fixer-sandbox-binding: gives ci-fixer-sandbox-manager also to ServiceAccount ci-fixer-sandbox of /,
      /^❌ limits of ci-fixer-sandbox: may also /,
    ],
  },
  {
    what: 'a binding of another role',
    broken: async (namespace) => {
      await inside(namespace, 'delete', 'rolebinding', 'ci-fixer-sandbox-binding');
      const account = `--serviceaccount=${namespace.name}:ci-fixer-app`;
      await inside(namespace, 'create', 'rolebinding', 'ci-fixer-sandbox-binding', '--clusterrole=view', account);
    },
    faults: [
      /^❌ RoleBinding ci-fixer-sandbox-binding: gives the ClusterRole view instead of the Role ci-fixer-sandbox-manager/,
      /^❌ rights of ci-fixer-app: may not /,
      /^❌ limits of ci-fixer-app: may also /,
    ],
  },
  {
    what: 'another binding that gives a right in the whole cluster',
    broken: async ({ name }) => {
      const account = `--serviceaccount=${name}:ci-fixer-app`;
      await kubectl(['create', 'clusterrolebinding', name, '--clusterrole=system:node-proxier', account]);
    },
    faults: [
      /^❌ other bindings: sandbox-\S+ gives ClusterRole system:node-proxier to ci-fixer-app in the whole cluster$/,
      /^❌ limits of ci-fixer-app: may also .* in the whole cluster/,
    ],
  },
  {
    what: 'a right that all accounts of the namespace have',
    broken: (namespace) => {
      const group = `--group=system:serviceaccounts:${namespace.name}`;
      return inside(namespace, 'create', 'rolebinding', 'everybody', '--clusterrole=view', group);
    },
    faults: [
      /^❌ other bindings: everybody gives ClusterRole view to the Group system:serviceaccounts:sandbox-\S+ in sandbox-\S+$/,
      /^❌ limits of ci-fixer-app: may also /,
      /^❌ limits of ci-fixer-sandbox: may also /,
    ],
  },
  {
    what: 'a right in another namespace for the user that an account is to the API server',
    broken: ({ name }) => {
      const user = `--user=system:serviceaccount:${name}:ci-fixer-app`;
      return kubectl(['create', 'rolebinding', name, '-n', 'kube-system', '--clusterrole=view', user]);
    },
    faults: [
      /^❌ other bindings: sandbox-\S+ gives ClusterRole view to the User system:serviceaccount:sandbox-\S+:ci-fixer-app in kube-system$/,
    ],
  },
  {
    what: 'a right in another namespace for all accounts of this one',
    broken: ({ name }) => {
      const group = `--group=system:serviceaccounts:${name}`;
      return kubectl(['create', 'rolebinding', name, '-n', 'kube-system', '--clusterrole=view', group]);
    },
    faults: [
      /^❌ other bindings: sandbox-\S+ gives ClusterRole view to the Group system:serviceaccounts:sandbox-\S+ in kube-system$/,
    ],
  },
  {
    what: 'a right to a single object for all accounts of the namespace, in the whole cluster',
    broken: async ({ name }) => {
      const names = ['--verb=get', '--resource=secrets', '--resource-name=one'];
      await kubectl(['create', 'clusterrole', name, ...names]);
      const group = `--group=system:serviceaccounts:${name}`;
      await kubectl(['create', 'clusterrolebinding', name, `--clusterrole=${name}`, group]);
    },
    faults: [
      /^❌ other bindings: sandbox-\S+ gives ClusterRole sandbox-\S+ to the Group system:serviceaccounts:sandbox-\S+ in the whole cluster$/,
    ],
  },
];

test.each(breakages)(
  '$what ends with 1, and the lines say what is wrong and what to do',
  async ({ broken, faults }) => {
    await using namespace = await startRightsNamespace('broken');
    try {
      await broken(namespace);
      const { code, stdout, stderr } = await verify(namespace.name);
      expect(code, stdout + stderr).toBe(1);
      const lines = stdout.trimEnd().split('\n');
      const wrong = lines.filter((line) => line.startsWith('❌'));
      expect(wrong).toEqual(faults.map((fault) => expect.stringMatching(fault)));
      for (const line of wrong) expect(lines[lines.indexOf(line) + 1]).toMatch(/^ {3}\S/);
      expect(lines.at(-1)).toBe(`${faults.length} of 9 checks failed ❌`);
    } finally {
      await kubectl(['delete', 'clusterrolebinding,clusterrole', namespace.name, '--ignore-not-found']);
      await kubectl(['delete', 'rolebinding', namespace.name, '-n', 'kube-system', '--ignore-not-found']);
    }
  },
);

test('--json says the same for programs, with nothing else on stdout', async () => {
  await using namespace = await startRightsNamespace('json');
  await inside(namespace, 'delete', 'serviceaccount', 'ci-fixer-sandbox');
  const { code, stdout } = await verify(namespace.name, '--json');
  expect(code).toBe(1);
  const results: { check: string; ok: boolean; hint?: string }[] = JSON.parse(stdout);
  expect(results.filter(({ ok }) => !ok)).toEqual([
    expect.objectContaining({
      check: 'ServiceAccount ci-fixer-sandbox',
      detail: expect.stringContaining('there is no ServiceAccount'),
      hint: expect.stringContaining('k8s/rbac'),
    }),
  ]);
  expect(results).toHaveLength(9);
});

test('--image makes a real sandbox, and a missing one is a fault like any other', async () => {
  await using namespace = await startRightsNamespace('trip');
  const made = await verify(namespace.name, '--image busybox:1');
  expect(made, made.stdout + made.stderr).toMatchObject({ code: 0 });
  expect(made.stdout).toContain('✅ round trip: a sandbox of busybox:1 ran a command that ended with 7, and is gone');
  const missing = await verify(namespace.name, '--image Not/A/Name:1');
  expect(missing.code).toBe(1);
  expect(missing.stdout).toMatch(/^❌ round trip: could not be checked: .*Not\/A\/Name:1/m);
  const left = await inside(namespace, 'get', 'jobs,pods,networkpolicies', '-o', 'name');
  expect(left).toBe('');
});

// Where the machine's own is new enough, it runs as it is.
test('a Node that is too old for the scripts hands over to the one of the repository', async () => {
  const line = 'node node_modules/tsx/dist/cli.mjs scripts/verify-k8s-deployment.ts';
  const help = await terminal.type(`${line} --help`);
  expect(help, help.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: ') });
  expect(await terminal.type(`${line} --no-such-flag`)).toMatchObject({ code: 2 });
});

test('somebody without the right to ask is told so, and nothing reads as fine that was not looked at', async () => {
  await using namespace = await startRightsNamespace('nobody');
  const token = (await inside(namespace, 'create', 'token', 'ci-fixer-app')).trim();
  const server = await kubectl(['config', 'view', '--minify', '--raw', '-o', 'json']);
  const config = JSON.parse(server) as { users: { user: unknown }[] };
  for (const each of config.users) each.user = { token };
  const { code, stdout } = await terminal.type(
    `KUBECONFIG_PATH=<(echo '${JSON.stringify(config)}') npx tsx scripts/verify-k8s-deployment.ts -n ${namespace.name}`,
  );
  expect(code).toBe(1);
  expect(stdout.match(/^❌ .*could not be checked/gm)).toHaveLength(8);
  expect(stdout.match(/^✅ (.*): /gm)).toEqual([expect.stringMatching(/^✅ cluster: /)]);
});

function setRules({ name }: RightsNamespace, rules: readonly object[]): Promise<string> {
  const patch = JSON.stringify({ rules });
  return kubectl(['patch', 'role', 'ci-fixer-sandbox-manager', '-n', name, '--type=merge', '-p', patch]);
}

function setSubjects({ name }: RightsNamespace, accounts: readonly string[]): Promise<string> {
  const subjects = accounts.map((account) => ({ kind: 'ServiceAccount', name: account, namespace: name }));
  const patch = JSON.stringify({ subjects });
  return kubectl(['patch', 'rolebinding', 'ci-fixer-sandbox-binding', '-n', name, '--type=merge', '-p', patch]);
}
