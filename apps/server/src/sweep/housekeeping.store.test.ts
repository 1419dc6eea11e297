import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { keepHouse } from './housekeeping.ts';

test('of pull-request jobs, requests are kept a day, events thirty days, and tokens of GitHub Actions until they expire', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (const hours of [23, 25]) {
    await sql`
      insert into pr_job_requests (caller, key_hash, request_hash, cluster, namespace, name, job_name, requested_at)
      values (${`after ${hours} h`}, '\\x01', '\\x02', '', 'builds', 'shop', ${`pr-job-shop-${hours}`},
        now() - ${hours} * interval '1 hour')`.execute(db);
  }
  for (const days of [29, 31]) {
    await sql`
      insert into pr_job_events (caller, action, outcome, cluster, namespace, name, at)
      values (${`after ${days} d`}, 'create', 'done', '', 'builds', 'shop', now() - ${days} * interval '1 day')`.execute(
      db,
    );
  }
  for (const minutes of [-10, 10]) {
    await sql`
      insert into oidc_uses (issuer, jti, purpose, expires_at)
      values ('https://issuer.example', ${`in ${minutes} min`}, '\\x01', now() + ${minutes} * interval '1 minute')`.execute(
      db,
    );
  }

  await keepHouse(db);

  expect((await db.selectFrom('prJobRequests').select('caller').execute()).map(({ caller }) => caller)).toEqual([
    'after 23 h',
  ]);
  expect((await db.selectFrom('prJobEvents').select('caller').execute()).map(({ caller }) => caller)).toEqual([
    'after 29 d',
  ]);
  expect((await db.selectFrom('oidcUses').select('jti').execute()).map(({ jti }) => jti)).toEqual(['in 10 min']);
});
