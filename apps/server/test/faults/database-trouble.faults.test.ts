import { startFakeGitHub, type FakePull } from '@ephemera/fake-github';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import type { ServerProcess } from '../server-process.ts';
import { soon, told } from '../world.ts';
import { startOwnPostgres } from './own-postgres.ts';
import { webhooksTo, type WebhookAnswer } from './signed-webhook.ts';
import { endsWhole, patience, redeliver, setStage, type Stage, type StageOptions } from './stage.ts';

const ready = 'success: The environment is ready';
/** Three times what is promised: an answer within 2 s, red within 10 s, writes again within 30 s. */
const bounds = { answerMs: 6_000, red: { timeout: 30_000 }, green: { timeout: 90_000 } };

interface Scene extends AsyncDisposable {
  readonly stage: Stage;
  readonly server: ServerProcess;
  /** One whose environment is ready. */
  readonly pull: FakePull;
  readonly open: (head: string) => Promise<FakePull>;
  readonly send: () => Promise<WebhookAnswer>;
}

async function scene(options: Partial<StageOptions> = {}): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const github = stack.use(await startFakeGitHub({ port: 0 }));
  const stage = stack.use(await setStage({ github, ...options }));
  const server = await stage.start();
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const open = (head: string) => repository.open({ head });
  const pull = await open('feat/cart');
  await soon(async () => expect(told(pull)).toBe(ready), patience);
  const send = await webhooksTo(stage, server.url, { repository, pull });
  const owned = stack.move();
  return { stage, server, pull, open, send, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function readiness({ server }: Scene): Promise<number> {
  return (await fetch(`${server.url}/health/ready`)).status;
}

/** While it lasts: every webhook is refused in time with the typed error, and readiness turns red. */
async function refuses(world: Scene): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 20 }, world.send));
  for (const { status, code, ms } of answers) {
    expect({ status, code }).toEqual({ status: 503, code: expect.stringMatching(/^database\./) });
    expect(ms).toBeLessThan(bounds.answerMs);
  }
  await soon(async () => expect(await readiness(world)).toBe(503), bounds.red);
}

/** Once it is over: the same process works again, with all that it has acknowledged and nothing twice. */
async function recovers(world: Scene, pulls: readonly FakePull[]): Promise<void> {
  await soon(async () => expect(await readiness(world)).toBe(200), bounds.green);
  await soon(async () => expect((await world.send()).status).toBe(202), bounds.green);
  for (const pull of pulls) await redeliver(world.stage.github, pull);
  await soon(async () => expect(pulls.map(told)).toEqual(pulls.map(() => ready)), patience);
  await endsWhole(world.stage, pulls);
}

test('a restart of PostgreSQL loses nothing that was acknowledged, and needs no restart of the server', async () => {
  await using postgres = await startOwnPostgres();
  await using world = await scene({ behind: postgres.address });
  const { pull } = world;
  await postgres.stop();
  await refuses(world);
  const other = await world.open('feat/checkout');
  await soon(async () => expect(other.view().deliveries.map(({ status }) => status)).toEqual([503]));
  await postgres.start();
  await recovers(world, [pull, other]);
});

test('case 12: on a primary that became read-only nothing is acknowledged, and writes go on when there is a writable one again', async () => {
  await using postgres = await startOwnPostgres();
  await using world = await scene({ behind: postgres.address });
  const { pull } = world;
  await readOnly(postgres.address, 'on');
  await pull.push({ 'cart.js': '2' });
  await refuses(world);
  expect(pull.view().deliveries.at(-1)?.status).toBe(503);
  await readOnly(postgres.address, 'off');
  await recovers(world, [pull]);
});

test('case 12: connections to a primary that was demoted are given up for the writable one that the address leads to', async () => {
  await using world = await scene();
  const { pull, stage } = world;
  await stage.postgres.demote();
  await pull.push({ 'cart.js': '2' });
  await recovers(world, [pull]);
});

test('case 12: half-open connections to the database are given up, and nothing is done twice', async () => {
  await using world = await scene();
  const { pull, stage } = world;
  stage.postgres.freeze();
  stage.postgres.freezeNew();
  await pull.push({ 'cart.js': '2' });
  await refuses(world);
  // The network is there again, but what was open before stays half open for ever.
  stage.postgres.takeNew();
  await recovers(world, [pull]);
});

test('with every connection waiting for a lock each webhook still gets its 503, and all is well after it', async () => {
  await using world = await scene();
  const { pull, stage } = world;
  await stage.db.transaction().execute(async (tx) => {
    // Otherwise PostgreSQL ends this session, and with it the lock, before the deadlines are over.
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx);
    await sql`lock table deliveries, work in access exclusive mode`.execute(tx);
    await refuses(world);
  });
  await recovers(world, [pull]);
});

test('a full disk refuses webhooks, and what was under way goes on when there is room', async () => {
  await using world = await scene();
  const { pull, stage } = world;
  const error = { code: '53100', message: 'could not extend file "base/1/2": No space left on device' };
  stage.postgres.commit({ fate: { error } });
  await pull.push({ 'cart.js': '2' });
  await refuses(world);
  stage.postgres.clear();
  await recovers(world, [pull]);
});

test('a database that refuses connections in the middle of the work makes nothing twice', async () => {
  await using world = await scene();
  const { pull, stage } = world;
  const other = await world.open('feat/checkout');
  await soon(async () => expect(other.view().deliveries.map(({ status }) => status)).toEqual([202]));
  await stage.postgres.down();
  await refuses(world);
  await stage.postgres.up();
  await recovers(world, [pull, other]);
});

async function readOnly(address: Parameters<typeof openDatabase>[0], state: 'on' | 'off'): Promise<void> {
  const db = openDatabase(address, () => {}, 1);
  try {
    // A superuser's setting of the whole server, and so for sessions that are open as well.
    await db.connection().execute(async (one) => {
      await sql`set default_transaction_read_only = off`.execute(one);
      await sql`alter system set default_transaction_read_only = ${sql.lit(state)}`.execute(one);
      await sql`select pg_reload_conf()`.execute(one);
    });
  } finally {
    await db.destroy();
  }
}
