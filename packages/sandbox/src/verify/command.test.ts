import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { verifyCommand } from './command.ts';
import { checkLines, verdict } from './print.ts';

const folder = mkdtempSync(join(tmpdir(), 'ephemera-verify-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(args: readonly string[], environment: Record<string, string> = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await verifyCommand({
    args,
    environment,
    answerTimeoutMs: 500,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test.each([
  ['a flag that does not exist', ['--nmespace', 'x']],
  ['a flag without its value', ['--context']],
  ['an argument', ['default']],
  ['a name that no namespace can have', ['--namespace', 'Not_A_Name']],
  ['an empty name', ['--namespace', '']],
])('%s ends with 2, and the usage says what there is', async (_what, args) => {
  const { code, out, err } = await run(args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('Usage: npx tsx scripts/verify-k8s-deployment.ts');
});

test('the usage can be asked for', async () => {
  expect(await run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--image IMAGE') });
});

test('a cluster that does not answer ends with 3 and a line that says so', async () => {
  const kubeconfig = join(folder, 'kubeconfig');
  const config = {
    'current-context': 'away',
    contexts: [{ name: 'away', context: { cluster: 'away', user: 'me' } }],
    // Nothing listens at the discard port of this machine.
    clusters: [{ name: 'away', cluster: { server: 'http://127.0.0.1:9' } }],
    users: [{ name: 'me', user: {} }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const { code, err } = await run([], { KUBECONFIG_PATH: kubeconfig });
  expect(code).toBe(3);
  expect(err).toMatch(/^❌ cluster: .*127\.0\.0\.1:9/);
});

test('no kubeconfig at all ends with 3, one that is none with 2', async () => {
  expect((await run([], { KUBECONFIG: join(folder, 'absent') })).code).toBe(3);
  const broken = join(folder, 'broken');
  writeFileSync(broken, 'a: [');
  expect((await run([], { KUBECONFIG_PATH: broken })).code).toBe(2);
});

test('a check is one line, with a second one for what to do, and text of strangers does nothing to a terminal', () => {
  expect(checkLines({ check: 'Role x', ok: true, detail: 'is there' })).toBe('✅ Role x: is there');
  const hostile = { check: 'bindings', ok: false, detail: 'evil\n\u001B[2J✅ all well', hint: 'remove\r it' };
  expect(checkLines(hostile)).toBe('❌ bindings: evil ✅ all well\n   remove  it');
});

test('one fault is enough for the last line to say so', () => {
  const good = { check: 'a', ok: true, detail: '' };
  expect(verdict([good, good])).toBe('All ServiceAccounts and Roles verified ✅');
  expect(verdict([good, { ...good, ok: false }])).toBe('1 of 2 checks failed ❌');
});
