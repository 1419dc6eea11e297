import { statSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { start } from './command.ts';

test('fake-github prints the settings that point the server at it, and takes its key away when it ends', async () => {
  await using command = start(['fake-github', '--port', '0']);
  await vi.waitFor(() => expect(command.stdout()).toContain('OIDC_ISSUER='), { timeout: 15_000 });

  const lines = command
    .stdout()
    .trim()
    .split('\n')
    .map((line) => line.split('='));
  const settings = Object.fromEntries(lines.map(([name = '', ...value]) => [name, value.join('=')]));
  expect(Object.keys(settings)).toEqual([
    'GITHUB_API_URL',
    'GITHUB_APP_ID',
    'GITHUB_APP_PRIVATE_KEY_PATH',
    'GITHUB_WEBHOOK_SECRET',
    'OIDC_ISSUER',
  ]);
  const keyPath = settings['GITHUB_APP_PRIVATE_KEY_PATH'] ?? '';
  expect(statSync(keyPath).mode & 0o777).toBe(0o600);

  const created = await fetch(`${settings['GITHUB_API_URL']}/_control/repositories`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ owner: 'acme' }),
  });
  expect(created.status).toBe(400);
  expect(await created.json()).toMatchObject({ error: expect.stringContaining('name') });

  command.child.kill('SIGINT');
  expect((await command.finished()).code).toBe(0);
  expect(() => statSync(keyPath)).toThrow('ENOENT');
});
