import { expect } from 'vitest';
import { test } from '../test/fixture.ts';
import { connectGitHub, type Guard } from './index.ts';

const status = (sha: string) => ({ sha, context: 'ephemera/environment', state: 'success', description: 'x' }) as const;

/** A guard that notes what it is asked, and lets through what it is not told to stop. */
function noting(change: Partial<Guard> = {}): Guard & { notes: string[] } {
  const notes: string[] = [];
  return {
    notes,
    beforeCall: async (_id, what) => void notes.push(`call: ${what}`),
    beforeWrite: async (_id, what) => void notes.push(`write: ${what}`),
    limited: async (id, error) => void notes.push(`limited ${id}: ${String(error.details['retryAfterMs'])}`),
    ...change,
  };
}

const guarded = test.extend<{ connect: (guard: Guard) => ReturnType<ReturnType<typeof connectGitHub>['guardedBy']> }>({
  connect: async ({ fake, relay }, use) => {
    const { GITHUB_APP_ID: appId, GITHUB_APP_PRIVATE_KEY_PATH: privateKeyPath } = fake.settings;
    await use((guard) => connectGitHub({ apiUrl: relay.url, appId, privateKeyPath }).guardedBy(guard));
  },
});

guarded(
  'a guard is asked before every request, and once more before each that writes',
  async ({ connect, shop, ref }) => {
    const pull = await shop.open({ head: 'feat/cart' });
    const guard = noting();
    const github = connect(guard);
    await github.stickyComment(ref, { number: pull.number, marker: '<!-- x -->', body: '<!-- x -->' });
    const what = `commenting on acme/shop#${pull.number}`;
    // Looked for, then made.
    expect(guard.notes).toEqual([`call: ${what}`, `call: ${what}`, `write: ${what}`]);
  },
);

guarded(
  'what a guard stops never reaches GitHub, and its own error comes through',
  async ({ connect, relay, shop, ref }) => {
    const pull = await shop.open({ head: 'feat/cart' });
    const refusal = new Error('the budget is spent');
    const github = connect(noting({ beforeWrite: () => Promise.reject(refusal) }));
    await expect(github.setCommitStatus(ref, status(pull.sha()))).rejects.toBe(refusal);
    expect(relay.calls.filter((call) => call.includes('/statuses/'))).toEqual([]);
  },
);

guarded('a guard is told when GitHub wants to be left alone', async ({ connect, relay, ref }) => {
  const guard = noting();
  relay.instead = ({ path }) =>
    path.includes('/pulls/') ? { status: 429, headers: { 'retry-after': '7' }, body: { message: 'slow' } } : undefined;
  await expect(connect(guard).pullRequest(ref, 1)).rejects.toMatchObject({ code: 'github.rate_limited' });
  expect(guard.notes.at(-1)).toBe(`limited ${ref.installationId}: 7000`);
});
