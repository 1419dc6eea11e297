import { startFakeGitHub, type FakePull } from '@ephemera/fake-github';
import { expect, test } from 'vitest';
import { soon, told } from '../world.ts';
import { endsWhole, patience, redeliver, setStage } from './stage.ts';

const ready = 'success: The environment is ready';

/** Enough to meet the moment in different states of the server; the full thousand of the acceptance list is for a long run. */
const rounds = 24;

test(
  'case 1: kill -9 between the commit of a delivery and its answer: redelivered under its id it is one row, one environment, and none is lost',
  { timeout: 600_000 },
  async () => {
    await using github = await startFakeGitHub({ port: 0 });
    await using stage = await setStage({ github });
    const repository = await github.repository({ owner: 'acme', name: 'shop' });
    const pulls: FakePull[] = [];
    let server = await stage.start();
    for (let round = 1; round <= rounds; round += 1) {
      using committed = stage.postgres.commit({
        change: /insert into "?deliveries/i,
        nth: 1,
        fate: 'forward-and-drop',
      });
      const pull = await repository.open({ head: `feat/cart-${round}` });
      await committed.answered;
      await server.kill();
      pulls.push(pull);
      expect(await inbox(pull)).toBe(1);
      server = await stage.start();
      expect(await redeliver(github, pull)).toBe(1);
      expect(pull.view().deliveries.at(-1)?.status).toBe(202);
      expect(await inbox(pull)).toBe(1);
    }
    process.stdout.write(`${rounds} kills between commit and answer, ${pulls.length} deliveries, none lost\n`);
    await soon(async () => expect(pulls.map(told)).toEqual(pulls.map(() => ready)), patience);
    await endsWhole(stage, pulls);

    async function inbox({ number }: FakePull): Promise<number> {
      const rows = await stage.db
        .selectFrom('deliveries')
        .select('deliveryId')
        .where('prNumber', '=', number)
        .execute();
      return rows.length;
    }
  },
);

const pullRequests = 20;
const pushes = 4;

test(
  'case 2: while PostgreSQL is down each of 100 webhooks gets 503 within 2 s, and the sweep restores all states without redelivery',
  { timeout: 600_000 },
  async () => {
    await using github = await startFakeGitHub({ port: 0 });
    await using stage = await setStage({ github, settings: { SWEEP_EVERY_SECONDS: '5' } });
    await stage.start();
    const repository = await github.repository({ owner: 'acme', name: 'shop' });
    // The sweep knows an installation and its repositories from GitHub; this one pull request was acknowledged before.
    const known = await repository.open({ head: 'feat/known' });
    await soon(async () => expect(told(known)).toBe(ready), patience);

    await stage.postgres.down();
    const pulls: FakePull[] = [];
    for (let number = 1; number <= pullRequests; number += 1)
      pulls.push(await repository.open({ head: `feat/${number}` }));
    for (let push = 1; push <= pushes; push += 1) {
      for (const pull of pulls) await pull.push({ 'cart.js': String(push) });
    }
    const deliveries = () => pulls.flatMap((pull) => pull.view().deliveries);
    await soon(async () => expect(deliveries().filter(({ ms }) => ms === null)).toEqual([]), patience);
    expect(deliveries().map(({ status }) => status)).toEqual(
      Array.from({ length: pullRequests * (1 + pushes) }, () => 503),
    );
    // Three times the promise.
    expect(Math.max(...deliveries().map(({ ms }) => ms ?? 0))).toBeLessThan(6_000);

    await stage.postgres.up();
    await soon(async () => expect(pulls.map(told)).toEqual(pulls.map(() => ready)), {
      timeout: 300_000,
      interval: 250,
    });
    expect(deliveries()).toHaveLength(pullRequests * (1 + pushes));
    await endsWhole(stage, [known, ...pulls]);
  },
);
