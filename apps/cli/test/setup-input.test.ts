import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { run, start } from './command.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('up, doctor and database with a settings file that is missing or broken end with 2 and name it', async () => {
  using folder = temporaryFolder('env-file');
  const broken = join(folder.path, 'broken.env');
  writeFileSync(broken, 'PORT=1\nno assignment of-a-secret\n');
  for (const command of [['up'], ['doctor'], ['database', 'backup', join(folder.path, 'b.gz')]]) {
    const missing = await run([...command, '--env-file', join(folder.path, 'none.env')]);
    expect(missing.code, command.join(' ')).toBe(2);
    expect(missing.stderr).toContain('none.env');
    const bad = await run([...command, '--env-file', broken]);
    expect(bad.code, command.join(' ')).toBe(2);
    expect(bad.stderr).toContain('line 2 is no NAME=value');
    expect(bad.stderr).not.toContain('of-a-secret');
  }
});

test('setup github refuses files that exist, addresses that are none, and long names, before anybody is asked', async () => {
  using folder = temporaryFolder('setup');
  const out = join(folder.path, 'ephemera.env');
  writeFileSync(out, 'PORT=1\n');
  const cases = [
    ['--out', out],
    ['--out', join(folder.path, 'none', 'e.env')],
    ['--url', 'ephemera.example.com'],
    ['--url', 'https://ephemera.example.com/path'],
    ['--organization', '../acme'],
    ['--name', 'x'.repeat(35)],
  ];
  for (const args of cases) {
    const { code, stderr } = await run(['setup', 'github', '--no-open', ...args]);
    expect(code, args.join(' ')).toBe(2);
    expect(stderr).not.toContain('Waiting');
  }
});

test('setup github ends with 130 at Ctrl-C, and has written nothing', async () => {
  using folder = temporaryFolder('setup');
  await using setup = start(['setup', 'github', '--no-open', '--out', join(folder.path, 'ephemera.env')]);
  await vi.waitFor(() => expect(setup.stderr()).toContain('Waiting for GitHub'), { timeout: 20_000 });
  setup.child.kill('SIGINT');
  expect((await setup.finished()).code).toBe(130);
  expect(readdirSync(folder.path)).toEqual([]);
});
