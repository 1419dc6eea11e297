import { createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FakeGitHub } from '@ephemera/fake-github';

/** The id of the App's installation on a repository's account: webhooks bring it, and here the App asks for it. */
export async function installationOf({ url, settings }: FakeGitHub, fullName: string): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: settings.GITHUB_APP_ID, iat: now - 1, exp: now + 60 };
  const unsigned = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  const key = readFileSync(settings.GITHUB_APP_PRIVATE_KEY_PATH, 'utf8');
  const signature = createSign('RSA-SHA256').update(unsigned).sign(key, 'base64url');
  const answer = await fetch(`${url}/repos/${fullName}/installation`, {
    headers: { authorization: `bearer ${unsigned}.${signature}` },
  });
  return ((await answer.json()) as { id: number }).id;
}
