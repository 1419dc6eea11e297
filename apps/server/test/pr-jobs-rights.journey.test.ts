import { kubectl } from '@ephemera/local-cluster/kubectl';
import { connectCluster, findAccess, instanceOwner } from '@ephemera/kube';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { clusterRoleRules, guardRoleRules, prJobRoleRules } from '../src/cluster-rights.ts';
import { checkGuard } from '../src/doctor/guard-check.ts';
import { checkPrJobNamespaces } from '../src/doctor/pr-job-namespaces-check.ts';
import { readSettings } from '../src/settings.ts';
import { startServer } from '../src/start.ts';
import { accountWith, type Account } from './account-with.ts';
import { cloneDatabase } from './database.ts';
import { leaveBuilder, prJobNamespace } from './pr-job-namespace.ts';
import { prJobsApi } from './pr-jobs-api.ts';
import { found } from './sweep-now.ts';
import { soon } from './world.ts';

async function doctorSays({ kubeconfigPath }: Account, namespace: string) {
  await using cluster = await connectCluster(findAccess({ kubeconfigPath }), instanceOwner('rights'));
  const asked = { namespaces: [namespace], builder: 'rootless', asked: true } as const;
  const signal = AbortSignal.timeout(30_000);
  return {
    namespaces: await checkPrJobNamespaces(cluster, asked, signal),
    guard: await checkGuard(cluster, signal),
  };
}

test('with exactly the rights that are documented a pull-request job is made, watched, read, cleaned up and swept', async () => {
  await using namespace = await prJobNamespace();
  await using account = await accountWith({
    everywhere: [...clusterRoleRules, ...guardRoleRules],
    inNamespace: { namespace: namespace.name, rules: prJobRoleRules },
  });
  expect((await doctorSays(account, namespace.name)).namespaces).toEqual({
    ok: true,
    detail: `${namespace.name}: all is there`,
  });

  await using database = await cloneDatabase();
  await using server = await startServer(
    readSettings({
      DATABASE_URL: database.url,
      KUBECONFIG_PATH: account.kubeconfigPath,
      PORT: '0',
      SWEEP_EVERY_SECONDS: '86400',
      PR_JOBS_NAMESPACES: namespace.name,
      PR_JOBS_IMAGES: 'busybox:1',
    }),
    { log: pino({ level: 'silent' }) },
  );
  const authorization = `Bearer ${await server.createToken({ name: 'jobs', scopes: ['admin'] })}`;
  const jobs = prJobsApi(server.url, authorization);
  const about = { namespace: namespace.name, name: 'shop-12' };

  const before = await namespace.contents();
  const { jobName } = await jobs.create(about);
  expect((await doctorSays(account, namespace.name)).guard).toMatchObject({ ok: true });
  const status = await jobs.ask({ action: 'status', jobName, ...about });
  expect(await status.json()).toMatchObject({ success: true, status: { jobName, name: 'shop-12' } });
  const logsUrl = `${server.url}/api/kubernetes/pr-jobs/${jobName}/logs?name=shop-12&namespace=${namespace.name}`;
  // The image of the tests has no docker, and the script stops there.
  await readUntil(await fetch(`${logsUrl}&follow=true`, { headers: { authorization } }), /docker/);
  expect(await (await fetch(logsUrl, { headers: { authorization } })).text()).toContain('docker');
  await leaveBuilder({ ...about, jobName, instance: server.instance });
  expect(await jobs.cleanup(about)).toEqual(
    expect.arrayContaining([`Deployment/${namespace.name}/${jobName}`, `Role/${namespace.name}/shop-12-buildx-role`]),
  );
  expect(await namespace.contents()).toEqual(before);

  // Of a private repository, with a Secret; and killed before it is over.
  const repository = {
    url: 'https://github.com/acme/shop',
    branch: 'main',
    pullRequest: 13,
    imageName: 'registry.example/shop:13',
    token: 'not a real one',
  };
  const second = { ...about, name: 'shop-13' };
  const made = await jobs.create({ ...second, repository });
  expect(await namespace.contents()).toContain(`secret/${made.jobName}-repository`);
  await leaveBuilder({ ...second, jobName: made.jobName, instance: server.instance });
  await kubectl(['delete', 'job', made.jobName, '-n', namespace.name, '--cascade=foreground', '--wait=true']);
  await sql`update pr_job_names set used_at = now() - interval '3 minutes'`.execute(database.db);
  expect(found(await jobs.sweep())).toContain(`left_by_pr_job pr-job ${namespace.name}/shop-13 removed`);
  await soon(async () => {
    await jobs.sweep();
    expect(await database.db.selectFrom('prJobNames').selectAll().execute()).toEqual([]);
  });
  expect(await namespace.contents()).toEqual(before);
});

/** Reads a stream until this stands in it, and hangs up. */
async function readUntil({ body }: Response, wanted: RegExp): Promise<void> {
  if (!body) throw new Error('no body');
  let said = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    said += chunk;
    if (wanted.test(said)) return;
  }
  throw new Error(`it ended before ${wanted}:\n${said}`);
}

test('doctor names each right that jobs lack in a namespace, what it enforces, and Secrets of others', async () => {
  await using namespace = await prJobNamespace({ 'pod-security.kubernetes.io/enforce': 'baseline' });
  await kubectl(['create', 'secret', 'generic', 'theirs', '-n', namespace.name, '--from-literal=key=value']);
  const rules = prJobRoleRules.filter(({ resources }) => !resources.includes('pods/exec'));
  await using account = await accountWith({
    everywhere: clusterRoleRules,
    inNamespace: { namespace: namespace.name, rules },
  });
  const { namespaces, guard } = await doctorSays(account, namespace.name);
  expect(namespaces).toMatchObject({
    ok: false,
    detail: `${namespace.name}: missing: get pods/exec, create pods/exec; it enforces the Pod Security level baseline, which refuses builders; it holds Secrets of others, so jobs of the profile seed are refused and only minimal is taken`,
  });
  expect(guard).toMatchObject({ ok: null, detail: expect.stringContaining('may not read it') });

  // One that has nothing to do with jobs finds no fault in a cluster that nobody has chosen for them.
  await using nobody = await accountWith({ everywhere: clusterRoleRules });
  await using cluster = await connectCluster(findAccess(nobody), instanceOwner('rights'));
  const unasked = { namespaces: ['default'], builder: 'rootless', asked: false } as const;
  expect(await checkPrJobNamespaces(cluster, unasked, AbortSignal.timeout(30_000))).toMatchObject({
    ok: null,
    detail: expect.stringMatching(/^default: \d+ of the \d+ rights that jobs need are missing/),
    hint: expect.stringContaining('Only for pull-request jobs'),
  });
});

test('a server without any rights for pull-request jobs sweeps as if there were none', async () => {
  await using account = await accountWith({ everywhere: clusterRoleRules });
  await using database = await cloneDatabase();
  await using server = await startServer(
    readSettings({
      DATABASE_URL: database.url,
      KUBECONFIG_PATH: account.kubeconfigPath,
      PORT: '0',
      SWEEP_EVERY_SECONDS: '86400',
    }),
    { log: pino({ level: 'silent' }) },
  );
  const token = await server.createToken({ name: 'jobs', scopes: ['admin'] });
  const told = found(await prJobsApi(server.url, `Bearer ${token}`).sweep());
  expect(told.filter((line) => line.includes('pull-request') || line.includes('pr-job'))).toEqual([]);
});
