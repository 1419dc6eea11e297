import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { afterAll, describe, expect, test } from 'vitest';
import { createPrJob, jobLabels } from '../src/index.ts';
import { everythingIn, order, privateRepository as repository, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster } = world;

describe.concurrent('making a pull-request job', () => {
  test('with a token is refused where the account of another job reads Secrets, and leaves nothing', async () => {
    const namespace = await world.namespace('readable');
    await createPrJob(cluster, order({ name: 'reader', namespace }));
    const making = createPrJob(cluster, order({ name: 'private', namespace, repository }));
    await expect(making).rejects.toMatchObject({
      code: 'pr_job.readable',
      message: expect.stringContaining('reader-buildx-role'),
    });
    expect((await everythingIn(cluster, namespace)).filter((text) => text.includes('private'))).toEqual([]);
  });

  test('with a token and, at the same time, one that reads Secrets: never both', async () => {
    const namespace = await world.namespace('race');
    const names = ['private', 'reader'] as const;
    const outcomes = await Promise.allSettled([
      createPrJob(cluster, order({ name: 'private', namespace, repository })),
      createPrJob(cluster, order({ name: 'reader', namespace })),
    ]);
    const refused = outcomes.flatMap((outcome, at) =>
      outcome.status === 'rejected' ? [{ name: names[at] ?? '', error: outcome.reason as { code?: string } }] : [],
    );
    expect(refused.length).toBeGreaterThan(0);
    const left = await everythingIn(cluster, namespace);
    for (const { name, error } of refused) {
      expect(error.code).toBe(name === 'private' ? 'pr_job.readable' : 'pr_job.foreign_secrets');
      expect(left.filter((text) => text.includes(name))).toEqual([]);
    }
  });

  test('with a token puts it into a Secret of that Job, and nowhere else', async () => {
    const namespace = await world.namespace('token');
    const { jobName, uid } = await createPrJob(cluster, order({ name: 'cloned', namespace, repository }));
    const secret = await kubectlJson<{ data: Record<string, string>; metadata: object }>(
      'get',
      'secret',
      `${jobName}-repository`,
      '-n',
      namespace,
    );
    expect(secret.data).toEqual({ token: Buffer.from('secret-token').toString('base64') });
    expect(secret.metadata).toMatchObject({
      labels: jobLabels('cloned'),
      ownerReferences: [expect.objectContaining({ kind: 'Job', uid })],
    });
    expect(await kubectl(['get', 'jobs,pods', '-o', 'yaml', '-n', namespace])).not.toContain('secret-token');
  });

  test('with the same key after a crash before the Job uses the token of now, not the one that was left', async () => {
    const namespace = await world.namespace('renewed');
    const keyed = (token: string) =>
      order({ name: 'renewed', namespace, idempotencyKey: 'k', repository: { ...repository, token } });
    const { jobName } = await createPrJob(cluster, keyed('first'));
    await kubectl(['patch', 'secret', `${jobName}-repository`, '-n', namespace, '-p', ownerless]);
    await kubectl(['delete', 'job', jobName, '-n', namespace, '--cascade=orphan']);
    const again = await createPrJob(cluster, keyed('second'));
    expect(again).toMatchObject({ jobName, created: true });
    const secret = await kubectlJson<{ data: { token: string } }>(
      'get',
      'secret',
      `${jobName}-repository`,
      '-n',
      namespace,
    );
    expect(Buffer.from(secret.data.token, 'base64').toString()).toBe('second');
  });
});

const ownerless = '{"metadata":{"ownerReferences":null}}';
