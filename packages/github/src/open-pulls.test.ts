import type { FakeRepository } from '@ephemera/fake-github';
import { expect } from 'vitest';
import { test } from '../test/fixture.ts';

const isList = (path: string) => /\/pulls\?/.test(path);
const lists = (calls: readonly string[]) => calls.filter(isList);

test('open pull requests are listed with what a comparison needs, and closed ones are not', async ({
  github,
  shop,
  ref,
}) => {
  const closed = await shop.open({ head: 'feat/done' });
  await closed.close();
  const open = await shop.open({ head: 'feat/cart', title: 'Add a cart', author: 'octocat', draft: true });
  const { user } = await github.pullRequest(ref, open.number);
  expect(await github.openPullRequests(ref)).toEqual([
    { number: open.number, headSha: open.sha(), title: 'Add a cart', draft: true, authorId: user?.id },
  ]);
});

test('a list of more than one page is read to its end', async ({ github, relay, shop, ref }) => {
  await openMany(shop, 101);
  const numbers = (await github.openPullRequests(ref)).map(({ number }) => number);
  expect(numbers).toEqual(Array.from({ length: 101 }, (_, index) => index + 1));
  expect(lists(relay.calls)).toHaveLength(2);
});

test('a page that did not change is not sent again, and one that did is', async ({ github, relay, shop, ref }) => {
  const first = await shop.open({ head: 'feat/cart' });
  const before = await github.openPullRequests(ref);
  relay.statuses.length = 0;
  expect(await github.openPullRequests(ref)).toEqual(before);
  expect(relay.statuses).toEqual([304]);
  await first.push();
  expect((await github.openPullRequests(ref)).map(({ headSha }) => headSha)).toEqual([first.sha()]);
  expect(relay.statuses).toEqual([304, 200]);
});

test('what one installation was shown is not kept for another', async ({ github, relay, shop, ref }) => {
  await shop.open({ head: 'feat/cart' });
  await github.openPullRequests(ref);
  const asked: unknown[] = [];
  relay.instead = ({ path, headers }) => {
    if (path.endsWith('/access_tokens'))
      return { status: 201, body: { token: 'other', expires_at: '2999-01-01T00:00:00Z' } };
    asked.push(headers['if-none-match']);
    return { status: 200, body: [] };
  };
  expect(await github.openPullRequests({ ...ref, installationId: 1 })).toEqual([]);
  expect(asked).toEqual([undefined]);
});

for (const [what, answer, code] of [
  ['an empty body', { status: 200, body: {}, raw: '' }, 'github.incomplete'],
  ['an object', { status: 200, body: {} }, 'github.invalid'],
  ['null', { status: 200, body: null }, 'github.invalid'],
  ['a page of something else', { status: 200, body: [{ number: 'one' }] }, 'github.invalid'],
  ['an error', { status: 503, body: {} }, 'github.unavailable'],
] as const) {
  test(`${what} is never an empty list, also where an earlier answer is known`, async ({
    github,
    relay,
    shop,
    ref,
  }) => {
    await shop.open({ head: 'feat/cart' });
    await github.openPullRequests(ref);
    relay.instead = ({ path }) => (isList(path) ? { ...answer, headers: { etag: '"x"' } } : undefined);
    await expect(github.openPullRequests(ref)).rejects.toMatchObject({ code });
    relay.instead = () => undefined;
    expect(await github.openPullRequests(ref)).toHaveLength(1);
  });
}

test('when a later page fails, there is no list at all', async ({ github, relay, shop, ref }) => {
  await openMany(shop, 101);
  relay.instead = ({ path }) => (/[?&]page=2\b/.test(path) ? { status: 502, body: {} } : undefined);
  await expect(github.openPullRequests(ref)).rejects.toMatchObject({ code: 'github.unavailable' });
});

test('an "unchanged" that nobody asked for is an error', async ({ github, relay, ref }) => {
  relay.instead = ({ path }) => (isList(path) ? { status: 304, body: null } : undefined);
  await expect(github.openPullRequests(ref)).rejects.toMatchObject({ code: 'github.invalid' });
});

async function openMany(shop: FakeRepository, count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1) await shop.open({ head: `feat/${index}` });
}
