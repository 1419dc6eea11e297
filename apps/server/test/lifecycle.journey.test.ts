import { createObject, kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { expect, test } from 'vitest';
import { soon, startWorld, told } from './world.ts';

interface DeploymentView {
  readonly commit_sha: string;
  readonly status: string;
}

test('closing a pull request leaves nothing, and the one comment says so', async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart' });
  const { namespace } = await world.until('ready');
  await world.untilTold(pull, 'success: The environment is ready');

  await pull.close({ merge: true });
  await world.until('destroyed');

  expect(await world.server.leftovers()).toEqual([]);
  await expect(kubectl(['get', 'namespace', namespace])).rejects.toThrow(/not found/);
  await world.untilTold(pull, 'success: Removed');
  expect(pull.view().statuses.at(-1)?.target_url ?? null).toBeNull();
  await soon(async () => expect(pull.comments()[0]?.body).toContain('was merged. Nothing is left'));
  expect(pull.comments()).toHaveLength(1);
});

test('a push makes a new deployment in the same namespace; the one before stays recorded', async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart' });
  const first = await world.until('ready');
  await world.untilTold(pull, 'success');
  const firstSha = pull.sha();

  await pull.push({ 'cart.js': '2' });
  await world.untilTold(pull, 'success: The environment is ready');

  const [now] = await world.environments();
  expect(now).toMatchObject({ id: first.id, namespace: first.namespace, commit_sha: pull.sha(), status: 'ready' });
  const deployments = await world.api<DeploymentView[]>(`/api/v1/environments/${first.id}/deployments`);
  expect(deployments.map(({ commit_sha: sha, status }) => [sha, status])).toEqual([
    [firstSha, 'success'],
    [pull.sha(), 'success'],
  ]);
  const shown = pull.view().statuses.filter(({ sha }) => sha === pull.sha());
  expect(shown.map(({ state }) => state)).toEqual(['pending', 'success']);
});

test('case 6: of many pushes at once only the newest commit ends as ready', async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart' });
  for (let number = 0; number < 5; number += 1) await pull.push({ 'cart.js': String(number) });

  await world.untilTold(pull, 'success: The environment is ready');
  const [environment] = await world.environments();
  expect(environment?.commit_sha).toBe(pull.sha());
  const deployments = await world.api<DeploymentView[]>(`/api/v1/environments/${environment?.id}/deployments`);
  expect(deployments.at(-1)).toMatchObject({ commit_sha: pull.sha(), status: 'success' });
  expect(deployments.filter(({ status }) => status === 'queued' || status === 'in_progress')).toEqual([]);
});

test('a pull request that is closed while its environment is being made leaves nothing', async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart' });
  await soon(async () => expect(await world.environments()).toHaveLength(1));
  await pull.close();

  await world.until('destroyed');
  expect(await world.server.leftovers()).toEqual([]);
});

test('closed before opened was finished: the end is what GitHub shows, whatever came in which order', async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart' });
  await pull.close();
  await pull.reopen();
  await pull.close();
  // However they were answered: GitHub gives up what a busy machine did not take in time, and a person asks for it again.
  await soon(async () => expect(pull.view().deliveries.filter(({ ms }) => ms !== null)).toHaveLength(4));
  for (const { id } of pull.view().deliveries) await world.github.redeliver(id);

  // Nothing is made for a pull request that was closed before anybody looked; what was made is removed.
  await soon(async () =>
    expect((await world.environments()).filter(({ status }) => status !== 'destroyed')).toEqual([]),
  );
  expect(await world.server.leftovers()).toEqual([]);
  expect(pull.comments().length).toBeLessThanOrEqual(1);
});

test('a reopened pull request gets a fresh namespace and does not wait for the old one, which is still being removed', async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart' });
  const first = await world.until('ready');
  await using held = await holdBack(first.namespace);
  await pull.close();
  await world.until('destroying');

  await pull.reopen();
  const second = await world.until('ready');
  expect(second.generation).toBe(2);
  expect(second.namespace).not.toBe(first.namespace);
  expect(second.host).toBe(first.host);
  expect((await world.environments())[1]?.status).toBe('destroying');

  await held.release();
  await soon(async () => expect((await world.environments())[1]?.status).toBe('destroyed'));
  await world.untilTold(pull, 'success: The environment is ready');
  expect(pull.comments()).toHaveLength(1);
});

test('a removal that cannot finish says why, is shown as failed after its time, and is still tried', async () => {
  await using world = await startWorld({ settings: { DESTROY_FAILED_AFTER_SECONDS: '20' } });
  const pull = await world.repository.open({ head: 'feat/cart' });
  const { namespace } = await world.until('ready');
  await using held = await holdBack(namespace);
  await pull.close();

  await soon(async () => expect((await world.environments())[0]?.error_message ?? '').toContain('ephemera.test/held'));
  expect((await world.environments())[0]?.status).toBe('destroying');
  const failed = await world.until('failed');
  expect(failed.error_message).toContain('ephemera.test/held');
  await world.untilTold(pull, 'failure');
  // Finalizers are waited for, never stripped: whoever set it may have something to put away.
  const map = await kubectlJson<{ metadata: { finalizers: string[] } }>('get', 'configmap', 'held', '-n', namespace);
  expect(map.metadata.finalizers).toEqual(['ephemera.test/held']);

  await held.release();
  await world.until('destroyed');
  await world.untilTold(pull, 'success: Removed');
});

test('a namespace that somebody deleted is shown as failed at the next push, and is made again at once', async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart' });
  const { namespace, id } = await world.until('ready');
  await world.untilTold(pull, 'success');

  await kubectl(['delete', 'namespace', namespace, '--wait=true', '--timeout=60s']);
  await pull.push({ 'cart.js': '2' });

  await soon(async () => expect(pull.view().statuses.map(({ state }) => state)).toContain('failure'));
  await soon(async () => expect(told(pull)).toBe('success: The environment is ready'));
  expect(pull.view().statuses.find(({ state }) => state === 'failure')?.description).toContain(namespace);
  expect((await world.environments())[0]).toMatchObject({ id, namespace, status: 'ready', commit_sha: pull.sha() });
  const { status } = await kubectlJson<{ status: { phase: string } }>('get', 'namespace', namespace);
  expect(status.phase).toBe('Active');
});

test('two servers on one cluster never touch what the other made', async () => {
  await using one = await startWorld();
  await using other = await startWorld();
  const [pull] = [await one.repository.open({ head: 'feat/cart' }), await other.repository.open({ head: 'feat/cart' })];
  const [mine, theirs] = [await one.until('ready'), await other.until('ready')];
  expect(mine.namespace).not.toBe(theirs.namespace);

  await pull.close();
  await one.until('destroyed');
  expect(await one.server.leftovers()).toEqual([]);
  expect((await other.environments())[0]?.status).toBe('ready');
  const { status } = await kubectlJson<{ status: { phase: string } }>('get', 'namespace', theirs.namespace);
  expect(status.phase).toBe('Active');
});

/** Keeps a namespace in Terminating by an object with a finalizer, until released. */
async function holdBack(namespace: string): Promise<AsyncDisposable & { release(): Promise<void> }> {
  await createObject({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'held', namespace, finalizers: ['ephemera.test/held'] },
  });
  let released = false;
  const release = async (): Promise<void> => {
    if (released) return;
    released = true;
    await kubectl([
      'patch',
      'configmap',
      'held',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      JSON.stringify({ metadata: { finalizers: null } }),
    ]);
  };
  return { release, [Symbol.asyncDispose]: release };
}
