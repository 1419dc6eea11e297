import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placeLauncher } from './launcher.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ephemera-launcher-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a launcher runs its TypeScript file under this Node with all arguments, whatever the paths are called', async () => {
  const awkward = join(folder, `it's "$HOME" & more`);
  mkdirSync(awkward);
  const program = join(folder, `a 'program'.ts`);
  writeFileSync(
    program,
    'const seen: unknown = [process.version, ...process.argv.slice(2)]; console.log(JSON.stringify(seen));',
  );
  await placeLauncher({ folder: awkward, name: 'tool', program });
  const printed = execFileSync(join(awkward, 'tool'), ['one two', '$(three)'], { encoding: 'utf8', env: {} });
  expect(JSON.parse(printed)).toEqual([process.version, 'one two', '$(three)']);
});
