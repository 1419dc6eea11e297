import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkingBuild, lacksCompilers } from './builds.ts';
import { BUILD_MS, RunnerProcess } from './runner-process.ts';

beforeAll(async () => void (await checkingBuild()), BUILD_MS);

const lacksGit = spawnSync('git', ['--version']).status !== 0;
/** Another user than the one whom the folders belong to. */
const uid = 65_534;

/** As a volume gives it: it belongs to root, and everybody may write to it. */
async function openTo(folder: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(folder, name), { recursive: true });
    await chmod(join(folder, name), 0o777);
  }
}

describe.skipIf(lacksCompilers || process.getuid?.() !== 0)('git in the work folder', () => {
  test.skipIf(lacksGit)('git works in a work folder of another user, whatever signs its name has', async () => {
    const work = 'a "work" \\folder\n#';
    await using runner = await RunnerProcess.start({ uid, work, prepare: (folder) => openTo(folder, 'home', work) });
    const client = await runner.client();
    const script = 'git init -q && touch file && git add file && git status --porcelain';
    const { stdout, stderr, exit } = await client.run('git', ['sh', '-c', script]);
    expect([exit.code, String(stdout), String(stderr)]).toEqual([0, 'A  file\n', '']);
  });

  test('a configuration that is there stays as it is, and no link is followed', async () => {
    await using given = await RunnerProcess.start({
      uid,
      prepare: async (folder) => {
        await openTo(folder, 'home', 'work');
        await writeFile(join(folder, 'home', '.gitconfig'), '[user]\n', { mode: 0o666 });
        await chmod(join(folder, 'home', '.gitconfig'), 0o666);
      },
    });
    expect(await readFile(join(given.folder, 'home', '.gitconfig'), 'utf8')).toBe('[user]\n');
    await using linked = await RunnerProcess.start({
      uid,
      prepare: async (folder) => {
        await openTo(folder, 'home', 'work');
        await symlink('../elsewhere', join(folder, 'home', '.gitconfig'));
      },
    });
    expect(existsSync(join(linked.folder, 'elsewhere'))).toBe(false);
  });

  test('nothing is written where the work folder is its own, or HOME cannot be written to', async () => {
    await using own = await RunnerProcess.start({ uid, prepare: (folder) => openTo(folder, 'home') });
    expect(existsSync(join(own.folder, 'home', '.gitconfig'))).toBe(false);
    await using closed = await RunnerProcess.start({
      uid,
      prepare: async (folder) => {
        await openTo(folder, 'work');
        await mkdir(join(folder, 'home'));
      },
    });
    const client = await closed.client();
    expect((await client.run('works', ['true'])).exit.code).toBe(0);
    expect(existsSync(join(closed.folder, 'home', '.gitconfig'))).toBe(false);
  });
});
