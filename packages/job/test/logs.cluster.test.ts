import { afterAll, expect, test } from 'vitest';
import { jobLogs, type JobLogLine } from '../src/run/index.ts';
import { eventually, forEver, shell, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, job, namespace } = world;

const manifest = job('talking', {
  ...shell('for i in 1 2 3; do echo main $i; done'),
  initContainers: [{ name: 'first', image: { repo: 'busybox', tag: '1' }, ...shell('echo init') }],
});

async function read(options: object): Promise<string[]> {
  const lines: JobLogLine[] = [];
  await jobLogs(cluster, { namespace, name: 'talking' }, { ...options, onLine: (line) => void lines.push(line) });
  return lines.map(({ container, line }) => `${container}: ${line}`);
}

test('the logs of a job that runs are followed to its end, and read again afterwards', async () => {
  await world.run(manifest);
  const all = ['first: init', ...[1, 2, 3].map((index) => `job-container: main ${index}`)];
  expect(await read({ follow: true })).toEqual(all);
  expect(await read({})).toEqual(all);
  expect(await read({ container: 'job-container', tailLines: 1 })).toEqual(['job-container: main 3']);
  expect(await read({ container: 'first', follow: true })).toEqual(['first: init']);
});

test('more pods than logs may be read at once are all heard, though none of them ends', async () => {
  const count = 24;
  const started = await world.run(
    job('crowd', {
      ...forEver,
      completionMode: 'Indexed',
      parallelism: count,
      completions: count,
      resources: { limits: { cpu: '100m', memory: '16Mi' }, requests: { cpu: '1m', memory: '4Mi' } },
    }),
  );
  const heard = new Set<string>();
  const all = new AbortController();
  const following = world.follow(started, {
    signal: all.signal,
    onEvent: (event) => {
      if (event.type === 'log') heard.add(event.pod);
      if (heard.size === count) all.abort(new Error('all of them'));
    },
  });
  await expect(following).rejects.toThrow('all of them');
});

test('the logs of a container that was started again begin with its run before', async () => {
  const script =
    'n=$(cat /seen/n 2>/dev/null || echo 0); echo run $n; echo $((n + 1)) > /seen/n; test $n -ge 1 && exec sleep 1000';
  const started = await world.run(
    job('retold', {
      ...shell(script),
      restartPolicy: 'OnFailure',
      volumeMounts: [{ name: 'seen', mountPath: '/seen', emptyDir: {} }],
    }),
  );
  const lines = async (): Promise<string[]> => {
    const said: string[] = [];
    await jobLogs(cluster, started, { onLine: ({ line }) => void said.push(line) });
    return said;
  };
  await eventually(lines, ['run 0', 'run 1']);
});

test('there are no logs of a job that does not exist', async () => {
  await expect(jobLogs(cluster, { namespace, name: 'nobody' }, { onLine: () => {} })).rejects.toMatchObject({
    code: 'kube.not_found',
  });
});
