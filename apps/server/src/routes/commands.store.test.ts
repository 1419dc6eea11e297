import { expect, test as base } from 'vitest';
import { startApp, type TestApp } from '../../test/app.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import { finishSweep } from '../store/sweeps.ts';

interface Fixture {
  server: TestApp;
  ask: <Body = Record<string, unknown>>(
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    payload?: object,
  ) => Promise<{ status: number; body: Body }>;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  server: async ({}, use) => {
    await using server = await startApp();
    await use(server);
  },
  ask: async ({ server: { app, authorization } }, use) => {
    await use(async <Body>(method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) => {
      const answer = await app.inject({
        method,
        url,
        headers: { authorization },
        ...(payload === undefined ? {} : { payload }),
      });
      return { status: answer.statusCode, body: JSON.parse(answer.body) as Body };
    });
  },
});

test('DELETE of an environment asks for its removal, holds it and wakes the worker; twice is once', async ({
  server,
  ask,
}) => {
  const { db } = server.database;
  const { id } = await storeEnvironment(db);
  const work = async () =>
    db.selectFrom('work').select(['kind', 'key', 'wanted']).where('kind', '=', 'environment').execute();
  const first = await ask('DELETE', `/api/v1/environments/${id}`);
  expect(first).toMatchObject({ status: 202, body: { id, held: true } });
  expect(await work()).toEqual([{ kind: 'environment', key: String(id), wanted: 1 }]);
  expect(server.wakes()).toBe(1);
  expect(await ask('DELETE', `/api/v1/environments/${id}`)).toMatchObject({ status: 202, body: { id, held: true } });
  expect(await work()).toEqual([{ kind: 'environment', key: String(id), wanted: 1 }]);
});

test('retry runs the steps of a failed environment again, and says what it did', async ({ server, ask }) => {
  const { db } = server.database;
  const failed = await storeEnvironment(db, { status: 'failed', reason: 'kube.forbidden' });
  const retried = await ask('POST', `/api/v1/environments/${failed.id}/retry`);
  expect(retried).toMatchObject({ status: 202, body: { id: failed.id, did: 'steps' } });
  expect(server.wakes()).toBe(1);
  const kinds = await db.selectFrom('work').select('kind').execute();
  expect(kinds.map(({ kind }) => kind)).toContain('environment');
});

test('retry of what was destroyed by hand ends the hold', async ({ server, ask }) => {
  const { id } = await storeEnvironment(server.database.db);
  await ask('DELETE', `/api/v1/environments/${id}`);
  const retried = await ask('POST', `/api/v1/environments/${id}/retry`);
  expect(retried).toMatchObject({ status: 202, body: { held: false, did: 'generation' } });
});

test('retry of what is ready changes nothing, and says so', async ({ server, ask }) => {
  const { id } = await storeEnvironment(server.database.db);
  const retried = await ask('POST', `/api/v1/environments/${id}/retry`);
  expect(retried).toMatchObject({ status: 202, body: { status: 'ready', did: 'nothing' } });
});

test('a sweep is asked for, waits as work, and is shown with what it found', async ({ server, ask }) => {
  const { db } = server.database;
  const asked = await ask<{ id: number }>('POST', '/api/v1/sweeps', { dry_run: true });
  expect(asked).toMatchObject({
    status: 202,
    body: { asked_by: 'person', dry_run: true, state: 'waiting', complete: null, findings: [], finished_at: null },
  });
  expect(server.wakes()).toBe(1);
  const { id } = asked.body;
  const work = await db.selectFrom('work').select(['kind', 'key']).execute();
  expect(work).toEqual([{ kind: 'sweep', key: String(id) }]);

  const finding = {
    kind: 'missed_close',
    subject: 'acme/shop#12',
    action: 'reported',
    detail: 'It is closed.',
  } as const;
  await finishSweep(db, id, { complete: true, capped: false, findings: [{ ...finding, environmentId: 7 }] });
  expect(await ask('GET', `/api/v1/sweeps/${id}`)).toMatchObject({
    status: 200,
    body: { state: 'done', complete: true, findings: [{ ...finding, environment_id: 7 }] },
  });
});

test('without a body a sweep is no dry run, and with another body it is refused', async ({ ask }) => {
  expect(await ask('POST', '/api/v1/sweeps')).toMatchObject({ status: 202, body: { dry_run: false } });
  for (const [payload, problem] of [
    [{ dry_run: 'yes' }, 'body.dry_run: '],
    [{ dryRun: true }, 'body: '],
    [[], 'body: '],
  ] as const) {
    const refused = await ask('POST', '/api/v1/sweeps', payload);
    expect(refused).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect(refused.body['error']).toContain(problem);
  }
});

test('the newest 20 sweeps are listed, newest first', async ({ ask }) => {
  const ids: number[] = [];
  for (let asked = 0; asked < 21; asked += 1)
    ids.unshift((await ask<{ id: number }>('POST', '/api/v1/sweeps')).body.id);
  const { body } = await ask<{ id: number }[]>('GET', '/api/v1/sweeps');
  expect(body.map(({ id }) => id)).toEqual(ids.slice(0, 20));
  expect((await ask('GET', '/api/v1/sweeps/999999')).status).toBe(404);
});
