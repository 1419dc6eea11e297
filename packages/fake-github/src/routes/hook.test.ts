import { expect } from 'vitest';
import { aNumber, aString, test } from '../../test/fixture.ts';

const deadline = { timeout: 5_000, interval: 10 };
const list = 'GET /app/hook/deliveries';

test('the App sees where its webhooks go', async ({ octokit, receiver }) => {
  const { data } = await octokit.app('GET /app/hook/config');
  expect(data).toEqual({ content_type: 'json', insecure_ssl: '0', secret: '********', url: receiver.url });
});

test('the App lists its deliveries, newest first, in pages that new ones do not move', async ({ github, octokit }) => {
  const { repository } = octokit;
  const pull = await repository.open({ head: 'feat/cart' });
  await pull.close();
  await pull.reopen();
  await expect.poll(() => github.deliveries().every(({ status }) => status === 202), deadline).toBe(true);
  const first = await octokit.app(list, { per_page: 2 });
  expect(first.data).toMatchObject([
    { action: 'reopened', guid: pull.view().deliveries[2]?.id, repository_id: repository.id, status_code: 202 },
    { action: 'closed', event: 'pull_request', installation_id: aNumber, redelivery: false, status: 'OK' },
  ]);
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.link ?? '')?.[1] ?? '';
  await pull.close();
  await expect.poll(() => github.deliveries().at(-1)?.status, deadline).toBe(202);
  const second = await octokit.app(`GET ${next.slice(github.url.length)}`);
  expect(second).toMatchObject({ data: [{ action: 'opened' }] });
  expect(second.headers.link).toBeUndefined();
  await expect(octokit.app(list, { cursor: 'x' })).rejects.toMatchObject({ status: 422 });
});

test('the App finds a delivery that failed and has it sent again', async ({ github, octokit, receiver }) => {
  receiver.status = 503;
  const pull = await octokit.repository.open({ head: 'feat/cart' });
  await expect.poll(() => pull.view().deliveries, deadline).toMatchObject([{ status: 503 }]);
  receiver.status = 202;
  const { data } = await octokit.app(list, { status: 'failure' });
  expect(data).toMatchObject([{ status_code: 503, delivered_at: aString, redelivery: false }]);
  const again = await octokit.app('POST /app/hook/deliveries/{delivery_id}/attempts', {
    delivery_id: Number(data[0]?.id),
  });
  expect(again.status).toBe(202);
  await expect.poll(() => github.deliveries().map(({ status }) => status), deadline).toEqual([503, 202]);
  const after = await octokit.app(list, { status: 'success' });
  expect(after.data).toMatchObject([{ guid: data[0]?.guid, redelivery: true }]);
  const unknown = octokit.app('POST /app/hook/deliveries/{delivery_id}/attempts', { delivery_id: 1 });
  await expect(unknown).rejects.toMatchObject({ status: 404 });
});
