import { readFileSync } from 'node:fs';
import { startFakeGitHub, type FakeGitHub, type FakeRepository } from '@ephemera/fake-github';
import { createAppAuth } from '@octokit/auth-app';
import { request } from '@octokit/request';
import { expect, test as base } from 'vitest';
import { connectGitHub, type GitHub, type RepositoryRef } from '../src/index.ts';
import { startRelay, type Relay } from './relay.ts';

interface Fixture {
  /** Fails the test if it answered what GitHub would not. */
  fake: FakeGitHub;
  relay: Relay;
  shop: FakeRepository;
  /** `acme/shop`, as the client names it. */
  ref: RepositoryRef;
  /** The client under test; it talks to the fake through the relay. */
  github: GitHub;
  /** Octokit's plain client as the same installation, past the relay. */
  octokit: { readonly request: typeof request };
}

export const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  fake: async ({}, use) => {
    await using fake = await startFakeGitHub();
    await use(fake);
    expect(fake.violations).toEqual([]);
  },
  relay: async ({ fake }, use) => {
    await using relay = await startRelay(fake.url);
    await use(relay);
  },
  shop: async ({ fake }, use) => {
    await use(await fake.repository({ owner: 'acme', name: 'shop' }));
  },
  ref: async ({ fake, shop }, use) => {
    const { data } = await asApp(fake)('GET /repos/{owner}/{repo}/installation', { owner: 'acme', repo: shop.name });
    await use({ installationId: data.id, fullName: shop.fullName });
  },
  github: async ({ fake, relay }, use) => {
    await use(
      connectGitHub({
        apiUrl: relay.url,
        appId: fake.settings.GITHUB_APP_ID,
        privateKeyPath: fake.settings.GITHUB_APP_PRIVATE_KEY_PATH,
      }),
    );
  },
  octokit: async ({ fake, ref }, use) => {
    await use({ request: asApp(fake, ref.installationId) });
  },
});

function asApp(fake: FakeGitHub, installationId?: number): typeof request {
  const at = request.defaults({ baseUrl: fake.url });
  const auth = createAppAuth({
    appId: fake.settings.GITHUB_APP_ID,
    privateKey: readFileSync(fake.settings.GITHUB_APP_PRIVATE_KEY_PATH, 'utf8'),
    request: at,
    ...(installationId === undefined ? {} : { installationId }),
  });
  return at.defaults({ request: { hook: auth.hook } });
}
