import { expect } from 'vitest';
import { storeEnvironment } from '../../test/environment-row.ts';
import { age, connectedTo, statuses as told, test } from '../../test/report.ts';
import { transition } from '../environment/transition.ts';
import { updateEnvironment } from '../store/environments.ts';
import { reportState } from '../store/reports.ts';

const failure = { reason: 'kube.quota', message: 'The quota is full.' };

test('a report sets the commit status and writes the one comment; the next one edits it', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  const provisioning = await transition(db, environment, { status: 'provisioning' });
  await age(db);
  await publish();
  expect(told(pull)).toEqual(['pending: The environment is being prepared']);
  expect(pull.comments()).toHaveLength(1);
  expect(pull.comments()[0]?.body).toContain('Environment is being prepared');

  await transition(db, provisioning, { status: 'ready' });
  await publish();
  expect(told(pull).at(-1)).toBe('success: The environment is ready');
  expect(pull.view().statuses.at(-1)?.target_url).toBe(environment.environmentUrl);
  expect(pull.comments()).toHaveLength(1);
  expect(pull.comments()[0]?.body).toContain('Environment is ready');
});

test('a report that runs again with nothing new writes nothing', async ({ db, fake, environment, publish }) => {
  await transition(db, environment, { status: 'ready' });
  await publish();
  const writes = fake.writes().length;
  expect(writes).toBe(3);
  await publish();
  expect(fake.writes()).toHaveLength(writes);
});

test('a failure that healed before anybody reported it is told all the same', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  const failed = await transition(db, environment, { status: 'failed', because: failure });
  await transition(db, failed, { status: 'ready' });
  await publish();
  expect(told(pull)).toEqual(['failure: The quota is full.', 'success: The environment is ready']);
});

test('while GitHub does not answer nothing counts as told, and later it is told once', async ({
  db,
  fake,
  pull,
  environment,
  publish,
}) => {
  await transition(db, environment, { status: 'ready' });
  const unreachable = connectedTo(fake, 'http://127.0.0.1:1');
  await expect(publish(unreachable)).rejects.toMatchObject({ code: 'github.unreachable' });
  expect(await reportState(db, environment.repositoryId, environment.prNumber)).toMatchObject({
    commentId: null,
    lastEventId: 0,
    lastStatus: null,
    checkRunId: null,
  });
  await publish();
  expect(told(pull)).toEqual(['success: The environment is ready']);
});

test('when the record of what was told is lost, comment and check run are found again instead of written twice', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  await transition(db, environment, { status: 'ready' });
  await publish();
  await db.deleteFrom('reports').execute();
  await publish();
  expect(pull.comments()).toHaveLength(1);
  expect(pull.view().checks).toHaveLength(1);
});

test('what becomes of an earlier generation is told in the comment, and no longer as a status', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  const { id: _id, ownerId: _owner, createdAt: _created, updatedAt: _updated, ...row } = environment;
  const old = await updateEnvironment(db, environment.id, { wantedState: 'closed' });
  const second = await storeEnvironment(db, { ...row, generation: 2, namespace: 'pr-1-second' });
  await transition(db, second, { status: 'ready' });
  await transition(db, old, { status: 'failed', because: { reason: 'x', message: 'a finalizer holds it' } });
  await publish();
  expect(told(pull)).toEqual(['success: The environment is ready']);
  expect(pull.comments()[0]?.body).toContain('a finalizer holds it');
});

test('after the end the status is Removed without a target, and nothing in the comment leads anywhere', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  const destroying = await transition(db, environment, { status: 'destroying' });
  await transition(db, destroying, { status: 'destroyed', destroyedAt: new Date() });
  await publish();
  expect(pull.view().statuses).toMatchObject([{ state: 'success', description: 'Removed', target_url: null }]);
  expect(pull.comments()[0]?.body).not.toContain('http');
});

test('a report about a pull request without an environment says nothing', async ({
  db,
  fake,
  environment,
  publish,
}) => {
  await db.deleteFrom('environments').where('id', '=', environment.id).execute();
  await publish();
  expect(fake.writes()).toEqual([]);
});

test('while an environment only passes through, the status alone says so, and the rest follows', async ({
  db,
  fake,
  pull,
  environment,
  publish,
}) => {
  const provisioning = await transition(db, environment, { status: 'provisioning' });
  expect(await publish()).toMatchObject({ kind: 'again', afterMs: expect.closeTo(2_000, -3) });
  expect(told(pull)).toEqual(['pending: The environment is being prepared']);
  expect([...pull.comments(), ...pull.view().checks]).toEqual([]);
  await transition(db, provisioning, { status: 'ready' });
  expect(await publish()).toEqual({ kind: 'done' });
  expect(pull.comments()[0]?.body).toContain('Environment is ready');
  // Pending, success, comment, check run.
  expect(fake.writes()).toHaveLength(4);
});

test('what takes longer than a moment is told at length', async ({ db, pull, environment, publish }) => {
  await transition(db, environment, { status: 'provisioning' });
  await publish();
  await age(db);
  expect(await publish()).toEqual({ kind: 'done' });
  expect(pull.comments()[0]?.body).toContain('Environment is being prepared');
  expect(pull.view().checks).toMatchObject([{ status: 'in_progress', title: 'The environment is being prepared' }]);
});

test('a failure is told at length at once, also when it has healed already', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  const failed = await transition(db, environment, { status: 'failed', because: failure });
  await transition(db, failed, { status: 'provisioning' });
  expect(await publish()).toEqual({ kind: 'done' });
  expect(pull.comments()).toHaveLength(1);
});

test('the check run follows the environment, one for each commit, and its end has a verdict', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  const first = pull.sha();
  const ready = await transition(db, environment, { status: 'ready' });
  await publish();
  await pull.push();
  const updating = await transition(db, ready, { status: 'updating', commitSha: pull.sha() });
  await age(db);
  await publish();
  expect(pull.view().checks).toMatchObject([
    { sha: first, status: 'completed', conclusion: 'success' },
    { sha: pull.sha(), status: 'in_progress', conclusion: null, details_url: environment.environmentUrl },
  ]);
  const failed = await transition(db, updating, { status: 'failed', because: failure });
  await publish();
  expect(pull.view().checks.at(-1)).toMatchObject({
    conclusion: 'failure',
    summary: expect.stringContaining(failure.message),
  });
  await transition(db, failed, { status: 'destroyed', destroyedAt: new Date() });
  await publish();
  expect(pull.view().checks).toHaveLength(2);
  expect(pull.view().checks.at(-1)).toMatchObject({ conclusion: 'neutral', title: 'Removed' });
});

test('a commit that a newer one overtook does not keep its check run waiting', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  const first = pull.sha();
  const provisioning = await transition(db, environment, { status: 'provisioning' });
  await age(db);
  await publish();
  await pull.push();
  await transition(db, provisioning, { status: 'ready', commitSha: pull.sha() });
  await publish();
  expect(pull.view().checks).toMatchObject([
    { sha: first, conclusion: 'neutral', title: 'Superseded' },
    { sha: pull.sha(), conclusion: 'success' },
  ]);
});

test('a reopened pull request on the same commit goes on with the same check run', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  const { id: _id, ownerId: _owner, createdAt: _created, updatedAt: _updated, ...row } = environment;
  await transition(db, environment, { status: 'destroyed', wantedState: 'closed', destroyedAt: new Date() });
  await publish();
  const second = await storeEnvironment(db, { ...row, generation: 2, namespace: 'pr-1-second' });
  await transition(db, second, { status: 'ready' });
  await publish();
  expect(pull.view().checks).toMatchObject([{ conclusion: 'success' }]);
});
