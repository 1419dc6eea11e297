import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, describe, expect, test } from 'vitest';
import { builderLabels, createPrJob, ensureAccount, repositorySecret, sweepPrJob } from '../src/index.ts';
import { configMapOf, deploymentOf } from './buildx-leftovers.ts';
import { createAsSomebodyElse, eventually, everythingIn, order, patchAsSomebodyElse, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster } = world;

const longGone = (name: string) => `pr-job-${name}-1767225600000`;
const suspended = { spec: { suspend: true } };
const failAtOnce = { spec: { backoffLimit: 0, activeDeadlineSeconds: 1, suspend: false } };

describe.concurrent('sweeping a name', () => {
  test('removes builders whose Job has ended or is gone, and leaves those of a Job that runs', async () => {
    const namespace = await world.namespace('builders');
    const target = { name: 'swept', namespace, instance: 'one' };
    const make = () =>
      createPrJob(cluster, order({ name: 'swept', namespace, profile: 'minimal' }), { instance: 'one' });
    const [running, ended] = [await make(), await make()];
    await patchAsSomebodyElse(`job/${running.jobName}`, namespace, suspended);
    await patchAsSomebodyElse(`job/${ended.jobName}`, namespace, failAtOnce);
    await kubectl(['wait', '--for=condition=Failed', `job/${ended.jobName}`, '-n', namespace, '--timeout=60s']);
    const labels = builderLabels({ name: 'swept', instance: 'one' });
    const theirs = builderLabels({ name: 'swept', instance: 'two' });
    await createAsSomebodyElse(
      deploymentOf({ name: running.jobName, namespace, labels }),
      configMapOf(`${running.jobName}-config`, namespace),
      deploymentOf({ name: ended.jobName, namespace, labels }),
      configMapOf(`${ended.jobName}-config`, namespace),
      deploymentOf({ name: longGone('swept'), namespace }),
      deploymentOf({ name: 'of-another-server', namespace, labels: theirs }),
    );
    const leftovers = [
      `Deployment/${namespace}/${ended.jobName}`,
      `Deployment/${namespace}/${longGone('swept')}`,
      `ConfigMap/${namespace}/${ended.jobName}-config`,
    ].toSorted();
    const looked = await sweepPrJob(cluster, target, { dryRun: true });
    expect({ ...looked, removed: looked.removed.toSorted() }).toEqual({ state: 'running', removed: leftovers });
    const swept = await sweepPrJob(cluster, target);
    expect({ ...swept, removed: swept.removed.toSorted() }).toEqual({ state: 'running', removed: leftovers });
    await eventually(() => sweepPrJob(cluster, target), { state: 'running', removed: [] });
    const builders = async () =>
      (await everythingIn(cluster, namespace)).filter((text) => /^(Deployment|ConfigMap)/.test(text));
    await eventually(
      builders,
      [
        `ConfigMap/${running.jobName}-config`,
        `Deployment/${running.jobName}`,
        'Deployment/of-another-server',
      ].toSorted(),
    );
    await kubectl(['delete', 'job', running.jobName, '-n', namespace]);
    expect(await sweepPrJob(cluster, target)).toMatchObject({
      state: 'finished',
      removed: expect.arrayContaining([`Deployment/${namespace}/${running.jobName}`]),
    });
    expect(await kubectl(['get', 'serviceaccounts', '-n', namespace, '-o', 'name'])).toContain('swept-buildx-sa');
  });

  test('of which no Job is left removes everything, and says gone when it is', async () => {
    const namespace = await world.namespace('rest');
    const target = { name: 'rest', namespace };
    await ensureAccount(cluster, { ...target, profile: 'minimal' });
    const repository = {
      url: 'https://git.example/a.git',
      branch: 'b',
      pullRequest: 1,
      imageName: 'r.example/a',
      token: 't',
    };
    const secret = repositorySecret({ order: order({ ...target, repository }), jobName: longGone('rest') });
    await createAsSomebodyElse(secret ?? expect.unreachable());
    await createAsSomebodyElse(
      deploymentOf({ name: longGone('rest'), namespace }),
      configMapOf(`${longGone('rest')}-config`, namespace),
    );
    const { state, removed } = await sweepPrJob(cluster, target);
    expect(state).toBe('finished');
    expect(removed).toEqual(expect.arrayContaining([`Secret/${namespace}/${longGone('rest')}-repository`]));
    await eventually(() => sweepPrJob(cluster, target), { state: 'gone', removed: [] });
    expect(await everythingIn(cluster, namespace)).toEqual([]);
  });

  test('by an account that may not list one kind throws, and removes nothing', async () => {
    const namespace = await world.namespace('blind');
    await createAsSomebodyElse(deploymentOf({ name: longGone('blind'), namespace }));
    const local = await world.accountWith(namespace, {
      inside: [
        { apiGroups: ['', 'apps', 'rbac.authorization.k8s.io'], resources: ['*'], verbs: ['*'] },
        { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'delete'] },
      ],
    });
    await expect(sweepPrJob(local, { name: 'blind', namespace })).rejects.toMatchObject({ code: 'kube.forbidden' });
    expect(await everythingIn(cluster, namespace)).toContain(`Deployment/${longGone('blind')}`);
  });
});
