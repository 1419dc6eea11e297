import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startApp } from '../../test/app.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import { enqueue } from '../store/work.ts';

async function page({ app }: Awaited<ReturnType<typeof startApp>>): Promise<string> {
  const { body } = await app.inject({ method: 'GET', url: '/', headers: { host: 'localhost' } });
  return body.replaceAll(/\s+/g, ' ');
}

test('the page shows environments, what waits and for how long, what is parked, the last sweep and who asks for patience', async () => {
  await using server = await startApp();
  const { db } = server.database;
  await storeEnvironment(db);
  await enqueue(db, { kind: 'environment', key: '7' });
  await enqueue(db, { kind: 'report', key: '42/12' });
  await sql`update work set due_at = now() - interval '5 minutes' where kind = 'environment'`.execute(db);
  await sql`update work set parked_at = now() - interval '3 hours' where kind = 'report'`.execute(db);
  await sql`insert into installations (id, paused_until) values (5, now() + interval '1 minute')`.execute(db);
  await sql`
    insert into sweeps (asked_by, state, complete, capped, finished_at, findings)
    values ('schedule', 'done', true, true, now() - interval '1 minute', '[{}, {}]')`.execute(db);

  const text = await page(server);
  expect(text).toContain('<dt>Environments</dt> <dd>1 ready</dd>');
  expect(text).toContain('<dd>1 waits, the oldest due for 5 min</dd>');
  expect(text).toContain('<dd>1 of report, for 3 h');
  expect(text).toContain('2 found, stopped at the cap on removals');
  expect(text).toContain('one installation waits');
});

test('the page is open to everybody, so it shows no name and no text of an error', async () => {
  await using server = await startApp();
  const { db } = server.database;
  await storeEnvironment(db, { repositoryFullName: 'acme/secret-shop', prTitle: '<script>alert(1)</script>' });
  await enqueue(db, { kind: 'report', key: '42/12' });
  await sql`update work set parked_at = now(), last_error = 'setting the status of acme/secret-shop'`.execute(db);
  const text = await page(server);
  expect(text).not.toMatch(/secret-shop|<script|feat\/cart/);
  expect(text).toContain('the log says why');
});

test('figures that do not exist yet are named as such', async () => {
  await using server = await startApp();
  const text = await page(server);
  expect(text).toContain('<dt>Last sweep</dt> <dd>none yet</dd>');
  expect(text).toContain('<dt>Environments</dt> <dd>none</dd>');
});

test('however many ask for the page at once, the database is asked for its figures once', async () => {
  await using server = await startApp();
  const { db } = server.database;
  await db.transaction().execute(async (tx) => {
    await sql`lock table environments in access exclusive mode`.execute(tx);
    // Each says after two seconds what it knows without the figures, which the lock holds back.
    const pages = await Promise.all(Array.from({ length: 20 }, () => page(server)));
    for (const text of pages) expect(text).not.toContain('<dt>Environments</dt>');
    const { rows } = await sql<{ waiting: number }>`
      select count(*) as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(tx);
    expect(rows).toEqual([{ waiting: 1 }]);
  });
});
