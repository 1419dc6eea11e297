import { createObject, kubectl } from '@ephemera/local-cluster/kubectl';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { readSettings } from '../src/settings.ts';
import { startServer } from '../src/start.ts';
import { cloneDatabase } from './database.ts';
import { prJobNamespace, type PrJobNamespace } from './pr-job-namespace.ts';
import { readEvents } from './sent-events.ts';
import { clusterSettings, soon, startWorld, type World } from './world.ts';

interface Stage extends AsyncDisposable {
  readonly world: World;
  readonly namespace: PrJobNamespace;
  post(body: object, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

interface Answered {
  readonly status: number;
  readonly body: {
    readonly code?: string;
    readonly error?: string;
    readonly hint?: string;
    readonly details?: string;
    readonly job: { readonly jobName: string; readonly created: boolean };
    readonly status: { readonly jobName: string; readonly status: string; readonly failed: number };
    readonly removed: readonly string[];
  };
}

const url = '/api/kubernetes/pr-jobs';

async function startStage(settings: Readonly<Record<string, string>> = {}): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const namespace = stack.use(await prJobNamespace());
  const world = stack.use(
    await startWorld({
      settings: {
        PR_JOBS_NAMESPACES: `${namespace.name},nowhere-at-all`,
        PR_JOBS_IMAGES: 'busybox:1',
        SWEEP_EVERY_SECONDS: '86400',
        ...settings,
      },
    }),
  );
  const token = await world.server.createToken({ name: 'jobs', scopes: ['admin'] });
  const authorization = `Bearer ${token}`;
  const owned = stack.move();
  return {
    world,
    namespace,
    post: async (body, headers = {}) => {
      const answer = await fetch(`${world.server.url}${url}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ namespace: namespace.name, ...body }),
      });
      return { status: answer.status, body: (await answer.json()) as Answered['body'] };
    },
    get: async (path, headers = {}) =>
      fetch(`${world.server.url}${url}${path}`, { headers: { authorization, ...headers } }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const job = { name: 'shop-12', image: 'busybox:1' };

test('a job is created, shows its status and its log, is followed until it is cleaned up, and all of it is an event', async () => {
  await using stage = await startStage();
  const { post, get, namespace } = stage;
  const created = await post(job);
  expect(created.status, JSON.stringify(created.body)).toBe(200);
  const { jobName } = created.body.job;
  const query = `namespace=${namespace.name}`;

  const status = async () => (await post({ action: 'status', name: job.name, jobName })).body.status;
  expect(await status()).toMatchObject({ jobName, name: 'shop-12', namespace: namespace.name });

  // The image of the tests has no docker, which is what the job says.
  await soon(async () => expect(await (await get(`/${jobName}/logs?${query}`)).text()).toContain('docker'));
  const plain = await get(`/${jobName}/logs?${query}&tail=1`);
  expect(plain.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect((await plain.text()).trimEnd().split('\n')).toHaveLength(1);

  const followed = await get(`/${jobName}/logs?${query}&follow=true`);
  expect(followed.headers.get('content-type')).toBe('text/event-stream');
  const reading = readEvents(followed);
  await soon(async () => expect(reading.events.some(({ event }) => event === 'log')).toBe(true));
  const [first] = reading.events;
  expect(first).toMatchObject({ event: 'status', data: { jobName } });
  expect(reading.events.find(({ event }) => event === 'log')).toMatchObject({
    id: expect.stringMatching(/^[a-z0-9]+:[a-z0-9]{13}$/) as unknown,
    data: { container: 'buildx-container', line: expect.any(String) as unknown },
  });

  const cleaned = await post({ action: 'cleanup', name: job.name });
  expect(cleaned.status, JSON.stringify(cleaned.body)).toBe(200);
  expect(cleaned.body.removed).toContain(`Job/${namespace.name}/${jobName}`);
  await reading.ended;
  // A pod that runs is let to its end before its Job is removed. Between two tries there is none, and the Job goes at once.
  expect(reading.events.at(-1)).toMatchObject({
    event: 'end',
    data: { reason: expect.stringMatching(/^(finished|gone)$/) as unknown },
  });
  expect(await namespace.contents()).toEqual([]);
  expect((await post({ action: 'status', name: job.name, jobName })).status).toBe(404);

  const events = (await (await get(`/events?name=shop-12&${query}`)).json()) as { action: string; outcome: string }[];
  expect(events.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    'cleanup done',
    'logs done',
    'status done',
    'create done',
  ]);
});

test('requests with one key at once make one Job in the cluster', async () => {
  await using stage = await startStage();
  const key = { 'idempotency-key': 'run-1' };
  const answers = await Promise.all(Array.from({ length: 6 }, () => stage.post(job, key)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const names = new Set(answers.map(({ body }) => body.job.jobName));
  expect(names.size).toBe(1);
  const jobs = await kubectl(['get', 'jobs', '-n', stage.namespace.name, '-l', 'pr-name=shop-12', '-o', 'name']);
  expect(jobs.trim().split('\n')).toEqual([...names].map((name) => `job.batch/${name}`));
  const other = await stage.post({ ...job, name: 'shop-13' }, key);
  expect(other).toMatchObject({ status: 409, body: { code: 'pr_job.key_reused' } });
  expect((await stage.post({ action: 'cleanup', name: job.name })).status).toBe(200);
  const again = await stage.post(job, key);
  expect(again.body.job).toMatchObject({ jobName: [...names][0], created: false });
  expect(await stage.namespace.contents()).toEqual([]);
});

test('a namespace that is not there is 404; one with foreign Secrets is 403, which names the profile that works', async () => {
  await using stage = await startStage();
  const { post, namespace } = stage;
  expect(await post({ ...job, namespace: 'nowhere-at-all' })).toMatchObject({
    status: 404,
    body: { code: 'pr_job.namespace_missing', details: expect.any(String) as unknown },
  });
  await createObject({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'database', namespace: namespace.name },
    stringData: { password: 'hunter2-hunter2' },
  });
  const refused = await post(job);
  expect(refused).toMatchObject({
    status: 403,
    body: { code: 'pr_job.foreign_secrets', hint: expect.stringContaining('minimal') as unknown },
  });
  expect(JSON.stringify(refused.body)).not.toContain('hunter2');
  expect(await namespace.contents()).toEqual(['secret/database']);
  expect((await post({ ...job, profile: 'minimal' })).status).toBe(200);
  expect((await post({ action: 'cleanup', name: job.name })).status).toBe(200);
  expect(await namespace.contents()).toEqual(['secret/database']);
});

test('whoever follows comes back after its last line and hears how the job ended', async () => {
  await using stage = await startStage();
  const { post, get, namespace } = stage;
  const { jobName } = (await post(job)).body.job;
  const path = `/${jobName}/logs?namespace=${namespace.name}&follow=true`;
  const first = readEvents(await get(path));
  await soon(async () => expect(first.events.some(({ event }) => event === 'log')).toBe(true));
  const seen = first.events.filter(({ event }) => event === 'log');
  const last = seen.at(-1)?.id ?? '';
  first.leave();
  await first.ended;

  const second = readEvents(await get(path, { 'last-event-id': last }));
  await second.ended;
  expect(second.events.at(-1)).toMatchObject({ event: 'end', data: { reason: 'finished', status: 'Failed' } });
  // The pauses between its retries, 10, 20 and 40 seconds long, are not silent.
  expect(second.comments()).toBeGreaterThan(3);
  const ids = second.events.flatMap(({ event, id }) => (event === 'log' ? [id] : []));
  expect(new Set([...seen.map(({ id }) => id), ...ids]).size).toBe(seen.length + ids.length);
  expect(second.events.filter(({ event }) => event === 'status').at(-1)).toMatchObject({ data: { status: 'Failed' } });
  // A pod and three retries, all of them in the last id.
  expect(ids.at(-1)?.split(',')).toHaveLength(4);
  expect((await post({ action: 'cleanup', name: job.name })).status).toBe(200);
});

test('a server that stops ends those who follow, and says so', async () => {
  await using stack = new AsyncDisposableStack();
  const namespace = stack.use(await prJobNamespace());
  const database = stack.use(await cloneDatabase());
  const server = await startServer(
    readSettings({
      ...clusterSettings(),
      DATABASE_URL: database.url,
      PORT: '0',
      PR_JOBS_NAMESPACES: namespace.name,
      PR_JOBS_IMAGES: 'busybox:1',
    }),
    {
      context: process.env.EPHEMERA_TEST_CONTEXT,
      environment: {},
      log: pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
    },
  );
  stack.defer(() => server[Symbol.asyncDispose]());
  const authorization = `Bearer ${await server.createToken({ name: 'jobs', scopes: ['admin'] })}`;
  const created = await fetch(`${server.url}${url}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ ...job, namespace: namespace.name }),
  });
  const { jobName } = ((await created.json()) as Answered['body']).job;
  const logs = `${server.url}${url}/${jobName}/logs?namespace=${namespace.name}&follow=true`;
  const reading = readEvents(await fetch(logs, { headers: { authorization } }));
  await soon(async () => expect(reading.events).not.toEqual([]));
  await server[Symbol.asyncDispose]();
  await reading.ended;
  expect(reading.events.at(-1)).toMatchObject({ event: 'end', data: { reason: 'stopping' } });
});
