import { expect, test } from 'vitest';
import { startWorld } from './world.ts';

const audience = 'https://ephemera.example';

test('a running server takes tokens of GitHub Actions for its audience, from repositories that its App is installed on', async () => {
  await using world = await startWorld({ settings: { OIDC_AUDIENCE: audience } });
  const { server, github, repository } = world;
  const run = repository.run({ event: 'pull_request' });
  const ask = async (token: string, path: string) => {
    const answer = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return { status: answer.status, body: (await answer.json()) as { code?: string } };
  };
  expect(await ask(await run.idToken(audience), '/api/openapi.json')).toMatchObject({ status: 200 });
  expect(await ask(await run.idToken(audience), '/api/v1/environments')).toMatchObject({
    status: 403,
    body: { code: 'token.scope_missing' },
  });
  expect(await ask(await run.idToken(), '/api/openapi.json')).toMatchObject({
    status: 401,
    body: { code: 'oidc.audience' },
  });
  const other = await github.repository({ owner: 'globex', name: 'shop' });
  await github.installation('globex').remove();
  expect(await ask(await other.run().idToken(audience), '/api/openapi.json')).toMatchObject({
    status: 403,
    body: { code: 'oidc.repository_not_allowed' },
  });
});
