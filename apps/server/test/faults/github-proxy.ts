import type { FakeGitHub } from '@ephemera/fake-github';
import { startHttpProxy, type HttpProxy } from './http-proxy.ts';

export interface GitHubProxy extends HttpProxy {
  /** The fake's settings with the proxy as GITHUB_API_URL. */
  readonly settings: FakeGitHub['settings'];
}

/** A fault proxy in front of a fake GitHub's API; rules as in `http-rules.ts`. Webhooks do not go through it. */
export async function startGitHubProxy(github: FakeGitHub): Promise<GitHubProxy> {
  const proxy = await startHttpProxy({ url: github.url });
  return { ...proxy, settings: { ...github.settings, GITHUB_API_URL: proxy.url } };
}
