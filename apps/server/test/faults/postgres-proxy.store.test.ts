import pg from 'pg';
import { expect, test } from 'vitest';
import { cloneDatabase, type TestDatabase } from '../database.ts';
import { startPostgresProxy, type PostgresProxy } from './postgres-proxy.ts';
import { soon } from '../world.ts';

interface Through extends AsyncDisposable {
  readonly postgres: PostgresProxy;
  readonly client: pg.Client;
  /** Another one. */
  connect(): Promise<pg.Client>;
  /** The ids of the users in the database, read beside the proxy. */
  users(): Promise<number[]>;
}

async function through(): Promise<Through> {
  await using stack = new AsyncDisposableStack();
  const database: TestDatabase = stack.use(await cloneDatabase());
  const postgres = stack.use(
    await startPostgresProxy(database.address as { host: string; user: string; database: string }),
  );
  const clients: pg.Client[] = [];
  stack.defer(() => {
    // A client whose connection is gone never says that it has ended.
    for (const client of clients) void client.end().catch(() => {});
  });
  const connect = async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  };
  const client = await connect();
  const owned = stack.move();
  return {
    postgres,
    client,
    connect,
    users: async () =>
      (await database.db.selectFrom('users').select('githubId').orderBy('githubId').execute()).map(
        ({ githubId }) => githubId,
      ),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const insert = (client: pg.Client, id: number) =>
  client.query('insert into users (github_id, github_login) values ($1, $2)', [id, `user-${id}`]);

test('statements, transactions and errors pass through as they are, with and without rules about commits', async () => {
  await using world = await through();
  const { client, postgres } = world;
  for (const round of [1, 2]) {
    if (round === 2) postgres.commit({ fate: 'forward' });
    expect((await insert(client, round * 10)).rowCount).toBe(1);
    await client.query('begin');
    await insert(client, round * 10 + 1);
    await client.query('rollback');
    await client.query('begin');
    await insert(client, round * 10 + 2);
    await client.query('commit');
    await expect(insert(client, round * 10)).rejects.toMatchObject({ code: '23505' });
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  }
  expect(await world.users()).toEqual([10, 12, 20, 22]);
});

test('only what changes a row is a commit', async () => {
  await using world = await through();
  const seen: string[][] = [];
  world.postgres.commit({
    fate: ({ changes }) => {
      seen.push(changes.map((text) => text.split(' ', 3).join(' ')));
      return undefined;
    },
  });
  await world.client.query('select 1');
  await world.client.query('update users set github_login = $1 where github_id = $2', ['nobody', 999]);
  await world.client.query('begin');
  await world.client.query('select 1');
  await world.client.query('commit');
  await insert(world.client, 1);
  // Nothing is said about the change in the WITH; it is one all the same, and stays.
  const inPassing = 'with gone as (delete from users where github_id = $1 returning 1) select 1 where false';
  await world.client.query(inPassing, [999]);
  await world.client.query(inPassing, [1]);
  expect(await world.users()).toEqual([]);
  await world.client.query('begin');
  await insert(world.client, 2);
  await world.client.query('delete from users where github_id = 2');
  await world.client.query('commit');
  expect(seen).toEqual([['insert into users'], ['with gone as'], ['insert into users', 'delete from users']]);
});

test.each(['alone', 'in a transaction'])(
  'a commit %s that is held is not durable; one whose answer is lost is',
  async (how) => {
    await using world = await through();
    const write = async (client: pg.Client, id: number) => {
      if (how !== 'alone') await client.query('begin');
      await insert(client, id);
      if (how !== 'alone') await client.query('commit');
    };
    const held = world.postgres.commit({ nth: 1, fate: 'hold' });
    const lost = world.postgres.commit({ nth: 1, fate: 'forward-and-drop' });
    const outcomes = Promise.allSettled([
      write(world.client, 1),
      held.reached.then(async () => write(await world.connect(), 2)),
    ]);
    await held.reached;
    await lost.answered;
    expect(await world.users()).toEqual([2]);
    world.postgres.reset();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await world.users()).toEqual([2]);
  },
);

test('an injected error leaves the connection usable and nothing behind', async () => {
  await using world = await through();
  const error = { code: '53100', message: 'could not extend file: No space left on device' };
  using rule = world.postgres.commit({ times: 1, fate: { error } });
  await expect(insert(world.client, 1)).rejects.toMatchObject(error);
  expect(rule.hits()).toBe(1);
  await insert(world.client, 2);
  expect(await world.users()).toEqual([2]);
});

test('a frozen connection says nothing and stays open, while new ones work', async () => {
  await using world = await through();
  world.postgres.freeze();
  let answered = false;
  const answer = insert(world.client, 1).then(() => (answered = true));
  await insert(await world.connect(), 2);
  expect(answered).toBe(false);
  expect(await world.users()).toEqual([2]);
  world.postgres.thaw();
  await answer;
  expect(await world.users()).toEqual([1, 2]);
});

test('a server that is down refuses, and is back at the same address', async () => {
  await using world = await through();
  await world.postgres.down();
  await soon(async () => expect(world.postgres.connections()).toBe(0));
  await expect(world.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await world.postgres.up();
  await insert(await world.connect(), 1);
  expect(await world.users()).toEqual([1]);
});
