import { expect, test } from 'vitest';
import { run } from './command.ts';
import { temporaryFolder } from './temporary-folder.ts';

const tokenText = /^eph_[\w-]{43}$/;

test('token create prints the token and nothing else on standard output; list and revoke know it by its name', async () => {
  using dataDir = temporaryFolder('token');
  const token = async (...args: string[]) => run(['token', ...args], { DATA_DIR: dataDir.path });

  const created = await token(
    'create',
    '--name',
    'ci',
    '--scopes',
    'environments:read, environments:write',
    '--expires',
    '90d',
  );
  expect(created.code, created.stderr).toBe(0);
  expect(created.stdout.trim()).toMatch(tokenText);
  expect(created.stdout.split('\n')).toHaveLength(2);
  expect(created.stderr).toContain('the one time that it is shown');
  expect(created.stderr).not.toContain(created.stdout.trim());

  const narrow = ['--repository', 'acme/shop', '--repository', 'acme/blog', '--namespace', 'ci'];
  const images = ['--image', 'docker:*', '--image', 'ghcr.io/acme/*'];
  const second = await token('create', '--name', 'narrow', '--scopes', 'admin', ...narrow, ...images, '--json');
  expect(JSON.parse(second.stdout)).toMatchObject({
    token: expect.stringMatching(tokenText) as unknown,
    name: 'narrow',
    scopes: ['admin'],
    repositories: ['acme/shop', 'acme/blog'],
    namespaces: ['ci'],
    images: ['docker:*', 'ghcr.io/acme/*'],
    expires_at: null,
  });

  const taken = await token('create', '--name', 'ci', '--scopes', 'admin');
  expect(taken).toMatchObject({ code: 2, stdout: '' });
  expect(taken.stderr).toContain('There is a token named ci already');

  const revoked = await token('revoke', 'ci');
  expect(revoked.code, revoked.stderr).toBe(0);
  expect((await token('revoke', 'ci')).code).toBe(2);

  const listed = await token('list');
  expect(listed.stdout).toMatch(
    /^NAME +STATE +TOKEN +SCOPES +FOR +EXPIRES +LAST USED\nnarrow +active .*docker:\*,ghcr\.io\/acme\/\*.*\nci +revoked /,
  );
  const all = await token('list', '--json');
  expect(JSON.parse(all.stdout)).toMatchObject([
    { name: 'narrow', state: 'active', last_used_at: null },
    { name: 'ci', state: 'revoked' },
  ]);
  for (const shown of [listed.stdout, all.stdout]) expect(shown).not.toContain(created.stdout.trim());
});
