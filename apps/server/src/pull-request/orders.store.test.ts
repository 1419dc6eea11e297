import { startFakeGitHub } from '@ephemera/fake-github';
import { expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { deliver, githubOf, observeAll } from '../../test/observing.ts';
import { deploymentsOf } from '../store/deployments.ts';
import { generations } from '../store/environments.ts';

const events = ['opened', 'synchronize', 'closed', 'reopened'] as const;

function ordersOf<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => ordersOf(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

test('case 5: all 24 orders of opened, synchronize, closed and reopened end in what GitHub shows', async () => {
  await using database = await cloneDatabase();
  await using fake = await startFakeGitHub();
  const { db } = database;
  const github = githubOf(fake);
  const shop = await fake.repository({ owner: 'acme', name: 'shop' });
  const orders = ordersOf(events);
  expect(orders).toHaveLength(24);
  for (const [index, order] of orders.entries()) {
    const pull = await shop.open({ head: `branch-${index}` });
    await pull.push({ a: String(index) });
    await pull.close();
    await pull.reopen();
    for (const [at, action] of order.entries()) {
      await deliver(db, fake, pull, { action, repositoryId: shop.id, id: `${index}-${at}` });
      // Every second order is looked at only once, at its end.
      if (index % 2 === 0) await observeAll(db, github);
    }
    await observeAll(db, github);
    const [environment, ...more] = await generations(db, shop.id, pull.number);
    expect(more).toEqual([]);
    expect(environment).toMatchObject({ wantedState: 'open', wantedSha: pull.sha(), generation: 1 });
    expect(await deploymentsOf(db, environment?.id ?? 0)).toMatchObject([{ commitSha: pull.sha() }]);

    // Closed at last, and told of it only by a late copy of the first event of the order.
    await pull.close();
    await deliver(db, fake, pull, { action: order[0] ?? 'opened', repositoryId: shop.id, id: `${index}-0` });
    await observeAll(db, github);
    expect(await generations(db, shop.id, pull.number)).toMatchObject([{ wantedState: 'closed', generation: 1 }]);
  }
  expect(fake.violations).toEqual([]);
});
