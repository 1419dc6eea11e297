import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ephemera-signals-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The launcher with a script under it, in a process group of their own, as a terminal would have started them. */
async function launch(script: string): Promise<{ launcher: ChildProcess; output: () => string }> {
  const path = join(folder, 'script.mjs');
  writeFileSync(path, `${script}\nsetInterval(() => {}, 1000);\nconsole.log('ready');\n`);
  const runHere = join(import.meta.dirname, 'run-here.mjs');
  const start = `import { spawnPinned } from ${JSON.stringify(join(import.meta.dirname, 'spawn-pinned.mjs'))};
    spawnPinned(process.execPath, ${JSON.stringify([runHere, path])});`;
  const launcher = spawn(process.execPath, ['--input-type=module', '--eval', start], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  launcher.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await expect.poll(() => output, { timeout: 10_000 }).toContain('ready');
  return { launcher, output: () => output };
}

test('a Ctrl-C that reaches the whole process group reaches the program once, and its exit code comes back', async () => {
  const { launcher, output } = await launch(
    `process.on('SIGINT', () => { console.log('interrupted'); setTimeout(() => process.exit(7), 200); });`,
  );
  process.kill(-Number(launcher.pid), 'SIGINT');
  expect(await once(launcher, 'close')).toEqual([7, null]);
  expect(output().match(/interrupted/g)).toHaveLength(1);
});

test('a program that dies of a signal takes the launcher with it in the same way', async () => {
  const { launcher } = await launch('');
  launcher.kill('SIGTERM');
  expect(await once(launcher, 'close')).toEqual([null, 'SIGTERM']);
});
