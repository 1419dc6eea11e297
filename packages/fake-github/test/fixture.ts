import { readFileSync } from 'node:fs';
import { createAppAuth } from '@octokit/auth-app';
import { request } from '@octokit/request';
import { expect, test as base } from 'vitest';
import { type FakeGitHub, type FakeRepository, startFakeGitHub } from '../src/index.ts';
import type { Json } from '../src/openapi/description.ts';
import { type Receiver, startReceiver } from './receiver.ts';

interface Fixture {
  receiver: Receiver;
  /** A fake with the receiver as its webhook. Ends the test with a failure if it answered what GitHub would not. */
  github: FakeGitHub;
  /** Octokit as the App, and as its installation on account `acme`, where repository `acme/shop` is. */
  octokit: { readonly app: typeof request; readonly shop: typeof request; readonly repository: FakeRepository };
}

export const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  receiver: async ({}, use) => {
    await using receiver = await startReceiver();
    await use(receiver);
  },
  github: async ({ receiver }, use) => {
    await using github = await startFakeGitHub({ webhookUrl: receiver.url });
    await use(github);
    expect(github.violations).toEqual([]);
  },
  octokit: async ({ github }, use) => {
    const repository = await github.repository({
      owner: 'acme',
      name: 'shop',
      files: { 'compose.yaml': 'services: {}\n' },
    });
    const at = { baseUrl: github.url, owner: 'acme', repo: 'shop' };
    const app = request.defaults({ ...at, request: { hook: appAuth(github).hook } });
    const { data } = await app('GET /repos/{owner}/{repo}/installation', at);
    await use({ app, repository, shop: request.defaults({ ...at, request: { hook: appAuth(github, data.id).hook } }) });
  },
});

/** The coordinates that Octokit's types ask for at each call. */
export const shop = { owner: 'acme', repo: 'shop' } as const;

function appAuth(github: FakeGitHub, installationId?: number) {
  const { GITHUB_APP_ID: appId, GITHUB_APP_PRIVATE_KEY_PATH: path } = github.settings;
  return createAppAuth({
    appId,
    privateKey: readFileSync(path, 'utf8'),
    request: request.defaults({ baseUrl: github.url }),
    ...(installationId === undefined ? {} : { installationId }),
  });
}

// Vitest's matchers are `any`; a bare RegExp inside `toMatchObject` would match every string.
export const matching = (pattern: RegExp | string): unknown => expect.stringMatching(pattern);
export const aString: unknown = expect.any(String);
export const aNumber: unknown = expect.any(Number);

/** Calls the control API as a person with curl would. */
export async function control(github: FakeGitHub, method: string, path: string, body?: unknown) {
  const response = await fetch(`${github.url}/_control${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

/** Asks the API without Octokit. */
export async function get(github: FakeGitHub, path: string, authorization?: string) {
  const response = await fetch(`${github.url}${path}`, { headers: authorization ? { authorization } : {} });
  const { message } = (await response.json()) as { message?: string };
  return { status: response.status, message };
}
