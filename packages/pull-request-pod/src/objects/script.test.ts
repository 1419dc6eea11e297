import { expect, test } from 'vitest';
import { runScript, startScript } from '../../test/script-run.ts';
import { scripts } from './script.ts';

const create = (...options: readonly string[]) => [
  'buildx',
  'create',
  '--driver=kubernetes',
  '--name',
  'k8s-builder',
  '--node',
  'pr-job-a-1767225600000',
  ...options.flatMap((option) => ['--driver-opt', option]),
];
const first = 'namespace=builds,serviceaccount=a-buildx-sa,limits.cpu=2,limits.memory=4Gi';
const labels = '"labels=created-by=catalyst-web-app,pr-name=a"';
const use = ['buildx', 'use', 'k8s-builder'];
const build = ['buildx', 'build', '--platform', 'linux/amd64', '-t', 'my-image', '.'];
const rm = ['buildx', 'rm', 'k8s-builder'];

test('the example makes a builder that is called like its Job, builds with it and removes it', async () => {
  const { code, out, calls, dockerfile, left } = await runScript(scripts.example, {});

  expect(calls).toEqual([create(`${first},rootless=true,timeout=5m`, labels), use, build, rm]);
  expect(dockerfile).toMatch(/^FROM busybox:1\nRUN .+\n$/);
  expect(out).toContain('Booting the builder takes about half a minute');
  expect(out).toContain('my-image was built successfully');
  expect(left).toEqual([]);
  expect(code).toBe(0);
});

test('a privileged builder is one without the option rootless', async () => {
  const { calls } = await runScript(scripts.example, { BUILDER_ROOTLESS: 'false' });
  expect(calls[0]).toEqual(create(`${first},timeout=5m`, labels));
});

test('the builder of an old buildx is made without the options that it does not know, and the log says so', async () => {
  const { code, out, calls } = await runScript(scripts.example, {}, { refuses: ['timeout', 'labels'] });

  expect(calls).toEqual([
    create(`${first},rootless=true,timeout=5m`, labels),
    create(`${first},rootless=true`, labels),
    create(`${first},rootless=true`),
    use,
    build,
    rm,
  ]);
  expect(out).toContain('knows no option timeout');
  expect(out).toContain('knows no option labels: the builder is found by its name pr-job-a-1767225600000');
  expect(code).toBe(0);
});

test('a buildx that knows labels and no timeout keeps the labels', async () => {
  const { calls } = await runScript(scripts.example, {}, { refuses: ['timeout'] });
  expect(calls.slice(0, 3)).toEqual([
    create(`${first},rootless=true,timeout=5m`, labels),
    create(`${first},rootless=true`, labels),
    use,
  ]);
});

test('a builder that cannot be created ends the job with the client’s own words and is not tried again', async () => {
  const { code, problem, calls } = await runScript(scripts.example, {}, { fails: ['create', 'rm'] });

  expect(calls).toEqual([create(`${first},rootless=true,timeout=5m`, labels), rm]);
  expect(problem).toContain('ERROR: no create');
  expect(problem).toContain('The builder could not be created.');
  // There is nothing to remove, and the client's complaint about that would hide the cause.
  expect(problem).not.toMatch(/removed|ERROR: no rm/);
  expect(code).toBe(3);
});

test('a build that fails ends the job with its code, and the builder is removed', async () => {
  const { code, out, calls } = await runScript(scripts.example, {}, { fails: ['build'] });

  expect(calls.at(-1)).toEqual(rm);
  expect(out).not.toContain('successfully');
  expect(code).toBe(3);
});

test('a builder that cannot be removed is told, and does not change how the job ended', async () => {
  const { code, out, problem } = await runScript(scripts.example, {}, { fails: ['rm'] });

  expect(problem).toContain('could not be removed');
  expect(out).not.toContain('The builder is removed.');
  expect(code).toBe(0);
});

test.each([
  ['SIGTERM', 'create', 143],
  ['SIGTERM', 'build', 143],
  ['SIGINT', 'build', 130],
] as const)(
  '%s while buildx runs %s ends the client at once and removes the builder',
  async (name, hangs, expected) => {
    await using run = startScript(scripts.example, {}, { hangs });
    const pid = await run.hanging();

    run.signal(name);
    const { code, out, calls, left } = await run.ended;

    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(calls.at(-1)).toEqual(rm);
    expect(calls.filter(([, command]) => command === 'rm')).toHaveLength(1);
    expect(out).toContain(`Ended by signal ${name.slice(3)}.`);
    expect(left).toEqual([]);
    expect(code).toBe(expected);
  },
);
