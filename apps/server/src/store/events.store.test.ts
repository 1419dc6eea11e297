import { sql } from 'kysely';
import { expect, test as base } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { shaOf, storeEnvironment } from '../../test/environment-row.ts';
import type { Database } from './database.ts';
import { longestTimeline, recordNote, recordStatus, timeline } from './events.ts';

interface Fixture {
  db: Database;
  environmentId: number;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
  environmentId: async ({ db }, use) => {
    await use((await storeEnvironment(db)).id);
  },
});

const commitSha = shaOf('a');

test('the same note is recorded once for each state, however long two programs undo what the other did', async ({
  db,
  environmentId,
}) => {
  const note = (message: string) =>
    recordNote(db, { environmentId, commitSha, name: 'edited_object', message: `${message} was edited.` });
  for (const object of ['quota', 'quota', 'policy', 'quota', 'policy']) await note(object);
  await recordStatus(db, { environmentId, commitSha, status: 'updating' });
  await note('quota');
  const messages = (await timeline(db, environmentId)).map(({ message, name }) => message ?? name);
  expect(messages).toEqual(['quota was edited.', 'policy was edited.', 'updating', 'quota was edited.']);
});

test('a timeline is its newest 500 events, oldest first, and says where it was cut', async ({ db, environmentId }) => {
  const add = (count: number) =>
    sql`
      insert into events (environment_id, commit_sha, kind, name, message)
      select ${environmentId}, ${commitSha}, 'status', 'ready', null from generate_series(1, ${count}::int)`.execute(
      db,
    );
  await add(longestTimeline);
  const whole = await timeline(db, environmentId);
  expect(whole).toHaveLength(500);
  expect(whole[0]).toMatchObject({ kind: 'status' });
  await add(40);
  const cut = await timeline(db, environmentId);
  expect(cut).toHaveLength(501);
  expect(cut[0]).toMatchObject({
    kind: 'note',
    name: 'earlier_events',
    message: expect.stringContaining('500') as unknown,
  });
  expect(cut.map(({ id }) => id)).toEqual(cut.map(({ id }) => id).toSorted((a, b) => a - b));
  expect(cut.at(-1)?.id).toBe((whole.at(-1)?.id ?? 0) + 40);
});
