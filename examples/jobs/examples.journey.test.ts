import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { expect, test } from 'vitest';
import { node } from '../test/command.ts';
import { namespaceExists, place, type Place } from '../test/namespace.ts';

const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');

/** Runs an example by the command of its section, with further settings, and returns what it printed and how it went on. */
async function runAsInReadme(where: Place, example: string, ...settings: readonly string[]) {
  const command = ['job', 'run', '-f', `examples/jobs/${example}.yaml`, '--wait'];
  expect(readme).toContain(`\n$ npx ephemera ${command.join(' ')}\n`);
  const { stdout, stderr } = await where.job([...command.slice(1), ...settings.flatMap((each) => ['--set', each])]);
  return { lines: linesOf(stdout), progress: linesOf(stderr) };
}

async function claimAsInReadme(where: Place, claim: string): Promise<void> {
  const command = ['apply', '-f', `examples/jobs/${claim}.yaml`];
  expect(readme).toContain(`\n$ npx ephemera cluster kubectl -- ${command.join(' ')}\n`);
  await kubectl([...command, '-n', where.name]);
}

/** Where the job made the namespace, it goes as well. */
async function removedWithNamespace(where: Place, example: string): Promise<void> {
  const { stdout } = await where.job(['delete', '-f', `examples/jobs/${example}.yaml`]);
  expect(stdout).toContain(`removed Namespace//${where.name}\n`);
  expect(await namespaceExists(where.name)).toBe(false);
}

async function removedButForClaim(where: Place, example: string, claim: string): Promise<void> {
  await where.job(['delete', '-f', `examples/jobs/${example}.yaml`]);
  expect(await where.contents()).toEqual([`persistentvolumeclaim/${claim}`]);
}

/** What a script prints that looks at a claim. */
async function lookAt(where: Place, claim: string, script: string): Promise<string[]> {
  const manifest = {
    apiVersion: 'kubernetes.project-planton.org/v1',
    kind: 'KubernetesJob',
    metadata: { name: 'look' },
    spec: {
      namespace: where.name,
      image: { repo: 'busybox', tag: '1' },
      command: ['sh', '-euc', script],
      volumeMounts: [{ name: 'claim', mountPath: '/claim', pvc: { claimName: claim } }],
    },
  };
  const { stdout } = await where.job(['run', '-f', '-', '--wait', '--delete'], JSON.stringify(manifest));
  return linesOf(stdout);
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** `[pod/container] line` → both. */
function spoken(line: string): { readonly pod: string; readonly text: string } {
  const [, pod = '', text = ''] = /^\[([^/]+)\/job-container\] (.*)$/.exec(line) ?? [];
  return { pod, text };
}

test('the example hello greets, and is removed with its namespace', async () => {
  await using where = await place({ made: false });
  const { lines } = await runAsInReadme(where, 'hello', 'spec.env.variables.WHO.value=reader');
  expect(lines).toEqual([expect.stringMatching(/^Hello reader, from pod hello-\w+\.$/)]);
  await removedWithNamespace(where, 'hello');
});

test('the example parallel estimates pi in 20 pods, never more than 5 at a time', async () => {
  await using where = await place({ made: false });
  const { lines, progress } = await runAsInReadme(where, 'parallel');
  const estimates = lines.map(spoken);
  expect(new Set(estimates.map(({ pod }) => pod)).size).toBe(20);
  const values = estimates.map(({ text }) => Number(/^pi is about (\S+)$/.exec(text)?.[1]));
  expect(values).toHaveLength(20);
  expect(values.reduce((sum, value) => sum + value, 0) / 20).toBeCloseTo(Math.PI, 1);
  const atOnce = progress.map((line) => countOf(line, 'running') + countOf(line, 'starting'));
  expect(Math.max(...atOnce)).toBe(5);
  await removedWithNamespace(where, 'parallel');
});

function countOf(line: string, what: string): number {
  return Number(new RegExp(String.raw`, (\d+) ${what}`).exec(line)?.[1] ?? 0);
}

test('the example indexed does each of its ten parts once', async () => {
  await using where = await place({ made: false });
  const { lines } = await runAsInReadme(where, 'indexed');
  const parts = Array.from({ length: 10 }, (_, index) => {
    const [first, last] = [index * 100 + 1, index * 100 + 100];
    return `index ${index}: ${first} to ${last} add up to ${(first + last) * 50}`;
  });
  expect(lines.map((line) => spoken(line).text).toSorted()).toEqual(parts);
  await removedWithNamespace(where, 'indexed');
});

/** The factors of each number in the queue, by what was said and by what is on the claim. */
async function expectEachDoneOnce(where: Place, lines: readonly string[]): Promise<void> {
  const manifest = readFileSync(join(import.meta.dirname, 'work-queue.yaml'), 'utf8');
  const queue = [...manifest.matchAll(/^ {6}(\d+)$/gm)].map(([, number = '']) => number);
  expect(queue).toHaveLength(12);
  const said = lines.map(spoken);
  expect(said.map(({ text }) => text.replace(/:.*/, '')).toSorted()).toEqual(queue.toSorted());
  for (const { text } of said) {
    const [number = '', factors = ''] = text.split(': ');
    expect(factors.split(' ').reduce((product, factor) => product * BigInt(factor), 1n)).toBe(BigInt(number));
  }
  const done: string[] = await lookAt(where, 'work-queue', 'cat /claim/done/*');
  expect(done.toSorted()).toEqual(said.map(({ pod, text }) => `${text} by ${pod}`).toSorted());
}

test('the example work queue does each of its numbers once, whoever does it', async () => {
  await using where = await place({ made: true });
  await claimAsInReadme(where, 'work-queue-claim');
  const { lines } = await runAsInReadme(where, 'work-queue');
  await expectEachDoneOnce(where, lines);
  const status = await where.job(['status', '-f', 'examples/jobs/work-queue.yaml', '--json']);
  expect(JSON.parse(status.stdout)).toMatchObject({ state: 'Complete', completions: null, succeeded: 3 });
  await removedButForClaim(where, 'work-queue', 'work-queue');
});

test('a worker of the example work queue that crashes with a number in hand finishes it after its restart', async () => {
  await using where = await place({ made: true });
  await claimAsInReadme(where, 'work-queue-claim');
  const manifest = readFileSync(join(import.meta.dirname, 'work-queue.yaml'), 'utf8');
  const [, script = ''] = /work-queue\.sh: \|\n([\s\S]*\n) {4}work-queue\.txt/.exec(manifest) ?? [];
  const work = '  factors=$(factor "$1")\n';
  const crashing = script
    .replaceAll(/^ {6}/gm, '')
    .replace(work, `  ! mkdir /queue/crashed 2> /dev/null || exit 1\n${work}`);
  expect(crashing).toContain('/queue/crashed');
  const { lines } = await runAsInReadme(
    where,
    'work-queue',
    `spec.configMaps["work-queue.sh"]=${JSON.stringify(crashing)}`,
  );
  await expectEachDoneOnce(where, lines);
  const pods = await kubectl(['get', 'pods', '-n', where.name, '-o', 'jsonpath={..restartCount}']);
  expect(pods.split(' ').toSorted()).toEqual(['0', '0', '1']);
});

test('the example backup writes an archive that can be read, keeps the newest, and leaves the claim alone', async () => {
  await using where = await place({ made: true });
  await claimAsInReadme(where, 'backup-claim');
  const first = await runAsInReadme(where, 'backup');
  expect(first.lines).toEqual(['notes.txt', expect.stringMatching(/^wrote \/backups\/notes-\d{8}T\d{6}Z\.tar\.gz$/)]);
  await removedButForClaim(where, 'backup', 'backups');
  const archive = String(first.lines[1]).replace('wrote /backups', '/claim');
  expect(await lookAt(where, 'backups', `tar -xzOf ${archive} notes.txt`)).toEqual([
    'What is saved here stands for the data of your program.',
  ]);

  const second = await runAsInReadme(where, 'backup', 'spec.env.variables.KEEP.value="1"');
  expect(await lookAt(where, 'backups', 'ls /claim')).toEqual([String(second.lines[1]).replace('wrote /backups/', '')]);
  await removedButForClaim(where, 'backup', 'backups');
});

// Without a flag for the context it finds the local cluster only.
test.runIf(process.env.EPHEMERA_TEST_KUBECONFIG !== undefined)(
  'the example program runs a job, prints what it says and leaves nothing',
  async () => {
    await using where = await place({ made: true });
    const program = ['examples/jobs/run-job.ts'];
    expect(readme).toContain(`\n$ node ${program.join(' ')}\n`);
    const { code, stdout, stderr } = await node([...program, where.name]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^Hello program, from pod run-job-\w+\.\n$/);
    expect(await where.contents()).toEqual([]);
  },
);
