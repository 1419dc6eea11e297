import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linesOf, typedOn, type Typed } from '../test/code-blocks.ts';
import { providePrograms } from '../test/programs.ts';
import { sandboxNamespace, type SandboxNamespace } from '../test/sandbox-namespace.ts';
import { startServer } from '../test/server.ts';

const here = import.meta.dirname;
const readme = readFileSync(join(here, 'README.md'), 'utf8');
const guide = readFileSync(join(here, '..', '..', 'docs', 'sandboxes.md'), 'utf8');
const front = readFileSync(join(here, '..', '..', 'README.md'), 'utf8');

/** Ids, and what else differs each time, as the pages write them. */
function plain(text: string): readonly string[] {
  return linesOf(
    text
      .replaceAll(/sandbox-[0-9a-f]{10}/g, 'sandbox-0123456789')
      .replaceAll(/\b[0-9a-f]{32}\b/g, '…')
      .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+(Z| UTC)/g, '…')
      .replaceAll(/ {2,}/g, '  '),
  );
}

/** The commands of a page that begin so. */
function commandsOf(page: string, beginning: RegExp): readonly Typed[] {
  return typedOn(page).filter(({ command }) => beginning.test(command));
}

const whichCluster = /^cluster \S+ \(context /;

/** Types commands of a page, one after the other, and finds what the page shows. */
async function expectAsShown(where: SandboxNamespace, commands: readonly Typed[]): Promise<void> {
  expect(commands).not.toEqual([]);
  for (const { command, output } of commands) {
    const { stdout, stderr } = await where.type(command);
    // What stands on a page came to the terminal by either way.
    const came = plain(`${stdout}\n${stderr}`).filter((line) => !whichCluster.test(line));
    const shown = plain(output);
    expect(came.toSorted(), command).toEqual(shown.toSorted());
  }
}

// A cluster that was named by its context: these programs would go to another one.
describe.skipIf(process.env['EPHEMERA_TEST_KUBECONFIG'] === undefined)('the documented lines', () => {
  let where: SandboxNamespace;
  beforeAll(async () => {
    where = await sandboxNamespace();
  });
  // Everything that was made has been removed by then, by what is documented.
  afterAll(async () => {
    const left = await where.contents();
    await where[Symbol.asyncDispose]();
    expect(left).toEqual([]);
  });

  test.each(['hello', 'tour', 'run-tests', 'web-server'])('the example %s prints what its page shows', async (name) => {
    await expectAsShown(where, commandsOf(readme, new RegExp(`^npx node examples/sandboxes/${name}.ts$`)));
  });

  test('the tests of a folder that fail make the example end with 1', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ephemera-broken-'));
    using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
    cpSync(join(here, 'project'), folder, { recursive: true });
    writeFileSync(join(folder, 'add.sh'), 'add() { echo 5; }\n');
    const { code, stderr } = await where.type(`npx node examples/sandboxes/run-tests.ts ${folder}`);
    expect(stderr).toContain('fails: not ok a negative one: 5 is not -1\n');
    expect(code).toBe(1);
  });

  test('a command that one process started is finished by another one', async () => {
    await expectAsShown(where, commandsOf(readme, /^ids=/));
  });

  test('a sandbox with a name is the same one for all who ask for it, until it is killed', async () => {
    await expectAsShown(where, commandsOf(readme, /notebook/));
  });

  test('the commands of the guide print what it shows', async () => {
    await expectAsShown(where, commandsOf(guide, /npx ephemera sandbox [a-z]/));
  });

  test('the command of the front page runs a command in a sandbox', async () => {
    const [typed] = commandsOf(front, /^npx ephemera sandbox run/);
    expect(await where.type(typed?.command ?? '')).toMatchObject({ code: 0, stdout: 'hello\n' });
  });

  test('the script for curl makes a sandbox, runs commands in it and removes it; the programs work by the same server', async () => {
    await providePrograms('curl', 'jq');
    await using server = await startServer({ SANDBOXES_NAMESPACE: where.name, SANDBOXES_IMAGES: '*' });
    const env = {
      EPHEMERA_URL: server.url,
      EPHEMERA_TOKEN: await server.token('sandboxes:read', 'sandboxes:write'),
    };
    const { code, stdout, stderr } = await where.type('bash examples/sandboxes/curl.sh', env);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('data: {"offset":0,"text":"apple\\npear\\n"}');
    expect(stdout).toContain('data: {"offset":0,"text":"later\\n"}');
    expect(stdout).toMatch(/"exit_code":0[\s\S]*"exit_code":3[\s\S]*pear\napple\n$/);

    const [hello] = commandsOf(readme, /hello\.ts$/);
    const byServer = await where.type(hello?.command ?? '', env);
    expect(byServer.stdout, byServer.stderr).toBe('0 hello\n');
  });
});
