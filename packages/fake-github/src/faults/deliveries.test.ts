import { expect } from 'vitest';
import { test } from '../../test/fixture.ts';
import type { Receiver } from '../../test/receiver.ts';

const deadline = { timeout: 5_000, interval: 10 };

const arrived = (receiver: Receiver, count: number) =>
  expect.poll(() => receiver.received.length, deadline).toBe(count);
const actionsOf = (receiver: Receiver) => receiver.received.map(({ payload }) => payload['action']);

test('a dropped delivery is recorded as failed and never sent', async ({ github, receiver }) => {
  github.faults([{ match: { event: 'pull_request.opened' }, fault: { drop: true } }]);
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart' });
  await pull.close();
  await arrived(receiver, 1);
  expect(actionsOf(receiver)).toEqual(['closed']);
  expect(pull.view().deliveries).toMatchObject([{ action: 'opened', status: null, error: 'a fault dropped it' }, {}]);
  github.clearFaults();
  await github.redeliver(pull.view().deliveries[0]?.id ?? '');
  expect(actionsOf(receiver)).toEqual(['closed', 'opened']);
});

test('a duplicated delivery arrives so many times more, under one id', async ({ github, receiver }) => {
  github.faults([{ match: { event: 'pull_request' }, fault: { duplicate: 19 }, times: 1 }]);
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart' });
  await arrived(receiver, 20);
  const ids = receiver.received.map(({ headers }) => headers['x-github-delivery']);
  expect(new Set(ids).size).toBe(1);
  await pull.push();
  await arrived(receiver, 21);
  expect(pull.view().deliveries).toHaveLength(21);
});

test('a delivery is held back until the next of its pull request was answered, not that of another', async ({
  github,
  receiver,
}) => {
  github.faults([{ match: { event: 'pull_request' }, fault: { reorder: true }, times: 1 }]);
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const held = await repository.open({ head: 'held', title: 'held' });
  const other = await repository.open({ head: 'other' });
  await expect.poll(() => other.view().deliveries, deadline).toMatchObject([{ status: 202 }]);
  expect(held.view().deliveries).toMatchObject([{ status: null, ms: null }]);
  await held.close();
  await arrived(receiver, 3);
  expect(actionsOf(receiver)).toEqual(['opened', 'closed', 'opened']);
  expect(receiver.received[2]?.payload).toMatchObject({ pull_request: { title: 'held', state: 'open' } });
});

test('with every delivery reordered each second one overtakes the first', async ({ github, receiver }) => {
  github.faults([{ match: { event: 'pull_request' }, fault: { reorder: true } }]);
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart' });
  await pull.close();
  await arrived(receiver, 2);
  await pull.reopen();
  await pull.edit({ title: 'other' });
  await arrived(receiver, 4);
  expect(actionsOf(receiver)).toEqual(['closed', 'opened', 'edited', 'reopened']);
});

test('what is held back is sent when faults are cleared, and given up when the fake stops', async ({
  github,
  receiver,
}) => {
  const reorder = [{ match: { event: 'pull_request' }, fault: { reorder: true as const } }];
  github.faults(reorder);
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  await repository.open({ head: 'feat/cart' });
  github.clearFaults();
  await arrived(receiver, 1);
  github.faults(reorder);
  const pull = await repository.open({ head: 'feat/list' });
  await github.stop();
  expect(pull.view().deliveries).toMatchObject([{ status: null, error: 'the fake was stopped' }]);
  expect(receiver.received).toHaveLength(1);
});

test('a delayed delivery arrives later than what happened after it', async ({ github, receiver }) => {
  github.faults([{ match: { event: 'pull_request.opened' }, fault: { delayMs: 60 } }]);
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart' });
  await pull.close();
  await arrived(receiver, 2);
  expect(actionsOf(receiver)).toEqual(['closed', 'opened']);
});
