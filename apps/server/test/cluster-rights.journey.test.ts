import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeGitHub } from '@ephemera/fake-github';
import { connectCluster, instanceOwner, findAccess } from '@ephemera/kube';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { clusterRoleRules, neededRights } from '../src/cluster-rights.ts';
import { checkRights } from '../src/doctor/cluster-checks.ts';
import { readSettings } from '../src/settings.ts';
import { startServer } from '../src/start.ts';
import { accountWith } from './account-with.ts';
import { cloneDatabase } from './database.ts';
import { soon, told } from './world.ts';

async function ask(kubeconfigPath: string) {
  await using cluster = await connectCluster(findAccess({ kubeconfigPath }), instanceOwner('rights'));
  return await checkRights(cluster, AbortSignal.timeout(30_000));
}

test('with exactly the rights that are documented an environment comes and goes', async () => {
  await using account = await accountWith({ everywhere: clusterRoleRules });
  expect(await ask(account.kubeconfigPath)).toMatchObject({ ok: true });

  await using github = await startFakeGitHub({ port: 0 });
  await using database = await cloneDatabase();
  const { kubeconfigPath: KUBECONFIG_PATH } = account;
  await using server = await startServer(
    readSettings({ ...github.settings, DATABASE_URL: database.url, KUBECONFIG_PATH, PORT: '0' }),
    { log: pino({ level: 'silent' }) },
  );
  github.setWebhookUrl(`${server.url}/webhooks/github`);
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart' });
  await soon(async () => expect(told(pull)).toBe('success: The environment is ready'));
  await pull.push({ 'a.js': '1' });
  await soon(async () => expect(told(pull)).toBe('success: The environment is ready'));
  await pull.close();
  await soon(async () => expect(told(pull)).toBe('success: Removed'));
});

test('rights that are missing are named, and no others', async () => {
  const rules = clusterRoleRules.map((rule) =>
    rule.resources.includes('namespaces') ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== 'delete') } : rule,
  );
  await using account = await accountWith({
    everywhere: rules.filter(({ resources }) => !resources.includes('limitranges')),
  });
  expect(await ask(account.kubeconfigPath)).toMatchObject({
    ok: false,
    detail: 'missing: delete namespaces, get limitranges, create limitranges, patch limitranges',
  });
});

test('the ClusterRole in the documentation gives what the server needs, and nothing else', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'getting-started.md'), 'utf8');
  const rule = /- apiGroups: (\[.*\])\n\s+resources: (\[.*\])\n\s+verbs: (\[.*\])/g;
  const documented = [...page.matchAll(rule)].flatMap((match) => {
    const [groups = [], resources = [], verbs = []] = match.slice(1).map((list) => JSON.parse(list) as string[]);
    return groups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
    );
  });
  const needed = neededRights.map(({ verb, group, resource }) => `${verb} ${group}/${resource}`);
  expect(documented.toSorted()).toEqual(needed.toSorted());
});
