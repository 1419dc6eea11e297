import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { run, start } from './command.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Summary {
  readonly phases: { readonly name: string; readonly ms: number }[];
  readonly leftovers: string[];
  readonly comment: string;
  readonly statuses: { readonly state: string; readonly description: string }[];
}

const phases = [
  'install',
  'cluster',
  'database',
  'server',
  'opened',
  'synchronize',
  'closed',
  'reopened',
  'closed-again',
];

// One after the other: both use the machine's one local cluster, and whoever started it takes it down.
test(
  'demo --once plays a whole life, proves that nothing is left, and writes its summary',
  { concurrent: false },
  async () => {
    using folder = temporaryFolder('demo-test');
    const file = join(folder.path, 's.json');
    await using demo = start(['demo', '--once', '--summary', file]);
    const { code, stdout, stderr } = await demo.finished();
    expect(code, stderr).toBe(0);

    const summary = JSON.parse(readFileSync(file, 'utf8')) as Summary;
    expect(summary.leftovers).toEqual([]);
    expect(summary.phases.map(({ name }) => name)).toEqual(phases);
    expect(summary.comment).toContain('Environment is removed');
    expect(summary.statuses.map(({ state, description }) => `${state}: ${description}`)).toEqual([
      'pending: The environment is being prepared',
      'success: The environment is ready',
      'pending: The environment is being updated',
      'success: The environment is ready',
      'success: Removed',
      'pending: The environment is being prepared',
      'success: The environment is ready',
      'success: Removed',
    ]);
    expect(stdout).toContain('Nothing is left');
    expect(stdout + stderr).not.toContain('eph_');
    expect(stdout).toMatch(/Quota +limits\.cpu 0 of 1, limits\.memory 0 of 2Gi, pods 0 of 10/);
  },
);

test(
  'demo stays up with a URL that answers; Ctrl-C closes the pull request and shows that nothing is left',
  { concurrent: false },
  async () => {
    await using staying = start(['demo']);
    await vi.waitFor(() => expect(staying.stdout(), staying.stderr()).toContain('Ctrl-C closes the pull request'), {
      timeout: 60_000,
    });
    const url = new URL(/URL +(http\S+)/.exec(staying.stdout())?.[1] ?? '');
    expect(await statusOf(url)).toBe(200);
    const [, EPHEMERA_URL, EPHEMERA_TOKEN] =
      /export EPHEMERA_URL=(\S+) EPHEMERA_TOKEN=(eph_\S+)/.exec(staying.stdout()) ?? [];
    const listed = await run(['env', 'list'], { EPHEMERA_URL, EPHEMERA_TOKEN });
    expect(listed.stdout, listed.stderr).toContain('acme/shop#1');
    expect(staying.stdout().split(String(EPHEMERA_TOKEN))).toHaveLength(2);
    expect(staying.stderr()).not.toContain('eph_');
    staying.child.kill('SIGINT');
    const end = await staying.finished();
    expect(end.code, end.stderr).toBe(0);
    expect(end.stdout).toContain('Nothing is left');
  },
);

/** As a browser does it: *.localhost is this machine. */
async function statusOf(url: URL): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: url.port, path: '/', headers: { host: url.host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .once('error', reject)
      .end();
  });
}

test('a demo whose reader has gone, as with head, takes down what it had started', { concurrent: false }, async () => {
  await using demo = start(['demo']);
  await vi.waitFor(() => expect(demo.stdout()).toContain('server'), { timeout: 60_000 });
  demo.child.stdout?.destroy();

  const { code, stderr } = await demo.finished();
  expect(code).toBe(141);
  expect(stderr).toContain('nobody reads the output');
  const { stdout } = await run(['cluster', 'status', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ state: 'down' });
});
