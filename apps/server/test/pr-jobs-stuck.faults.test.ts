import { kubectl } from '@ephemera/local-cluster/kubectl';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { cloneDatabase } from './database.ts';
import { startKubeProxy } from './faults/kube-proxy.ts';
import { leaveBuilder, prJobNamespace } from './pr-job-namespace.ts';
import { prJobsApi } from './pr-jobs-api.ts';
import { found } from './sweep-now.ts';
import { soon, startWorld } from './world.ts';

const forbidden = {
  status: 403,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403, message: 'not today' },
} as const;

test('what the cluster refuses to remove is told with its reason, kept, and removed when it may be', async () => {
  await using namespace = await prJobNamespace();
  await using database = await cloneDatabase();
  const { db } = database;
  await using proxy = await startKubeProxy();
  await using world = await startWorld({
    settings: {
      DATABASE_URL: database.url,
      KUBECONFIG_PATH: proxy.kubeconfigPath,
      SWEEP_EVERY_SECONDS: '86400',
      PR_JOBS_NAMESPACES: namespace.name,
      PR_JOBS_IMAGES: 'busybox:1',
    },
  });
  const jobs = prJobsApi(
    world.server.url,
    `Bearer ${await world.server.createToken({ name: 'jobs', scopes: ['admin'] })}`,
  );
  const about = { namespace: namespace.name, name: 'shop-12' };
  const { jobName } = await jobs.create(about);
  await leaveBuilder({ ...about, jobName, instance: world.server.instance });
  await kubectl(['delete', 'job', jobName, '-n', namespace.name, '--cascade=foreground', '--wait=true']);
  await sql`update pr_job_names set used_at = now() - interval '3 minutes'`.execute(db);
  const rows = () => db.selectFrom('prJobNames').select(['name', 'problem']).execute();
  const events = () =>
    db
      .selectFrom('prJobEvents')
      .select(['outcome', 'code'])
      .where('caller', '=', 'sweep')
      .where('outcome', '=', 'failed')
      .execute();
  const stuck = `stuck_pr_job pr-job ${namespace.name}/shop-12 reported`;

  const rule = proxy.rule({
    method: 'DELETE',
    path: `/apis/apps/v1/namespaces/${namespace.name}/deployments/`,
    fate: forbidden,
  });
  const dry = await jobs.sweep({ dryRun: true });
  expect(found(dry)).toContain(`left_by_pr_job pr-job ${namespace.name}/shop-12 removed`);
  expect(await rows()).toEqual([{ name: 'shop-12', problem: null }]);
  for (const pass of [await jobs.sweep(), await jobs.sweep()]) expect(found(pass)).toContain(stuck);
  expect(await rows()).toEqual([{ name: 'shop-12', problem: expect.stringContaining('not today') as unknown }]);
  // Told once, however many passes find it.
  expect(await events()).toEqual([{ outcome: 'failed', code: 'kube.forbidden' }]);
  expect(await namespace.contents()).toContain(`deployment.apps/${jobName}`);

  rule[Symbol.dispose]();
  await soon(async () => {
    expect(found(await jobs.sweep())).not.toContain(stuck);
    expect(await rows()).toEqual([]);
    expect(await namespace.contents()).toEqual([]);
  });
});
