import { afterAll, describe, expect, test } from 'vitest';
import { cleanupPrJob, createPrJob, ensureAccount } from '../src/index.ts';
import { configMapOf, deploymentOf } from './buildx-leftovers.ts';
import { createAsSomebodyElse, everythingIn, order, patchAsSomebodyElse, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster } = world;

const longGone = (name: string) => `pr-job-${name}-1767225600000`;

describe.concurrent('cleaning up', () => {
  test('that cannot end in time says what is left and what holds it, and goes on when called again', async () => {
    const namespace = await world.namespace('held');
    await ensureAccount(cluster, { name: 'held', namespace, profile: 'minimal' });
    await createAsSomebodyElse(configMapOf(`${longGone('held')}-config`, namespace));
    const map = `configmap/${longGone('held')}-config`;
    await patchAsSomebodyElse(map, namespace, { metadata: { finalizers: ['ephemera.test/held'] } });
    await expect(cleanupPrJob(cluster, { name: 'held', namespace }, { timeoutMs: 1_000 })).rejects.toMatchObject({
      code: 'pr_job.cleanup_incomplete',
      details: {
        left: expect.arrayContaining([
          {
            object: `ConfigMap/${namespace}/${longGone('held')}-config`,
            because: 'it is being removed, and held by ephemera.test/held',
          },
        ]),
      },
    });
    await patchAsSomebodyElse(map, namespace, { metadata: { finalizers: null } });
    await cleanupPrJob(cluster, { name: 'held', namespace });
    expect(await everythingIn(cluster, namespace)).toEqual([]);
  });

  test('by an account that may not see or remove one kind removes the rest, and says what it does not know', async () => {
    const namespace = await world.namespace('partly');
    const everything = [
      'jobs',
      'pods',
      'deployments',
      'serviceaccounts',
      'roles',
      'rolebindings',
      'persistentvolumeclaims',
      'configmaps',
      'secrets',
    ];
    const local = await world.accountWith(namespace, {
      inside: [
        { apiGroups: ['*'], resources: everything, verbs: ['get', 'list'] },
        { apiGroups: ['*'], resources: everything.filter((kind) => kind !== 'roles'), verbs: ['delete'] },
      ],
    });
    await ensureAccount(cluster, { name: 'partly', namespace, profile: 'minimal' });
    await createAsSomebodyElse(deploymentOf({ name: longGone('partly'), namespace }));
    const error: unknown = await cleanupPrJob(local, { name: 'partly', namespace }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'pr_job.cleanup_incomplete',
      details: {
        left: [
          { object: `Role/${namespace}/partly-buildx-role`, because: expect.stringContaining('refused') },
          { object: `StatefulSet/${namespace}/*`, because: expect.stringContaining('refused') },
        ],
      },
    });
    const left = await everythingIn(cluster, namespace);
    expect(left).toContain('Role/partly-buildx-role');
    expect(left.filter((text) => text.includes('partly'))).toEqual(['Role/partly-buildx-role']);
  });

  test('an abort ends it at once', async () => {
    const namespace = await world.namespace('aborted');
    await createPrJob(cluster, order({ name: 'aborted', namespace }));
    const abort = new AbortController();
    const options = { signal: abort.signal, onWaiting: () => abort.abort(new Error('that is enough')) };
    await expect(cleanupPrJob(cluster, { name: 'aborted', namespace }, options)).rejects.toThrow('that is enough');
    await cleanupPrJob(cluster, { name: 'aborted', namespace });
    expect(await everythingIn(cluster, namespace)).toEqual([]);
  });

  test('finds what is on the second page of a long list', async () => {
    const namespace = await world.namespace('pages');
    const items = Array.from({ length: 501 }, (_, at) => configMapOf(`a-${String(at).padStart(4, '0')}`, namespace));
    // After all of them in the order of the list.
    await createAsSomebodyElse(...items, configMapOf(`${longGone('paged')}-config`, namespace));
    const { removed } = await cleanupPrJob(cluster, { name: 'paged', namespace });
    expect(removed).toEqual([`ConfigMap/${namespace}/${longGone('paged')}-config`]);
  });
});
