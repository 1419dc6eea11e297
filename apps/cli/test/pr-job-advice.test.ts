import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { JobEvent, JobStatus } from '@ephemera/job';
import { kubeErrors } from '@ephemera/kube';
import { prJobErrors } from '@ephemera/pull-request-pod';
import { expect, test } from 'vitest';
import { withAdvice } from '../src/commands/pr-job/advice.ts';
import { eventsTable } from '../src/commands/pr-job/events-table.ts';
import { nothingRead } from '../src/commands/pr-job/logs.ts';
import type { PullRequestJobs } from '../src/commands/pr-job/pull-request-jobs.ts';
import { apiOf, path } from '../src/commands/pr-job/server/api.ts';
import { cleanupAfter } from '../src/commands/pr-job/server/cleaned-up.ts';
import type { PrJobEventView } from '../src/commands/pr-job/server/events.ts';
import { refusalOf } from '../src/commands/pr-job/server/refusal.ts';
import { steady } from '../src/commands/pr-job/steady.ts';
import { explain } from '../src/errors.ts';
import { exitCodeOf } from '../src/exit-code.ts';
import { run } from './command.ts';

const jobName = 'pr-job-pr-1-1640995200000';
const ref = { name: 'pr-1', namespace: 'builds', jobName };
const { signal } = new AbortController();
const cleanup = 'npx ephemera pr-job cleanup pr-1 --namespace builds';

/** An Ephemera, or whatever answers at its address, that gives one answer to everything. */
async function serverThat(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const answers = (status: number, body: object): RequestListener => {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
};

/** Jobs of which every call ends with this error. */
function jobsThat(error: unknown): PullRequestJobs {
  const fail = async (): Promise<never> => {
    throw error;
  };
  return {
    create: fail,
    newest: fail,
    status: fail,
    follow: fail,
    logs: fail,
    cleanup: fail,
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Programs are started, also on a machine that has much else to do. */
const patience = { timeout: 60_000 };

const kept = [{ object: 'Job/builds/x', because: 'it was not made by this server' }];

test(
  'a cleanup that removed nothing because all was made another way ends with 3, and says how to remove it',
  patience,
  async () => {
    await using server = await serverThat(answers(200, { success: true, message: '', removed: [], kept }));
    const words = ['pr-job', 'cleanup', 'pr-1', '-n', 'builds'];
    const [{ code, stdout, stderr }, json] = await Promise.all([
      run(words, { EPHEMERA_URL: server.url }),
      run([...words, '--json'], { EPHEMERA_URL: server.url }),
    ]);
    expect([code, stdout], stderr).toEqual([3, 'kept Job/builds/x: it was not made by this server\n']);
    expect(stderr).toContain('Nothing was removed');
    expect(stderr).toContain(`${cleanup} --context NAME`);
    expect(stderr).not.toContain('There is nothing');
    expect([json.code, JSON.parse(json.stdout)]).toEqual([3, { removed: [], kept }]);
  },
);

test('a cleanup that removed something is done, whatever it kept', patience, async () => {
  await using server = await serverThat(answers(200, { success: true, message: '', removed: ['Job/builds/y'], kept }));
  const { code, stderr } = await run(['pr-job', 'cleanup', 'pr-1', '-n', 'builds'], { EPHEMERA_URL: server.url });
  expect(code, stderr).toBe(0);
});

test.each([
  ['server', `${cleanup} --context NAME`],
  ['cluster', `without --context: ${cleanup}`],
] as const)('by the %s: a create that finds what was made another way says how to remove that', async (by, said) => {
  const foreign = new kubeErrors.Foreign({ what: 'ServiceAccount pr-1-buildx-sa', owner: 'somebody else' });
  const byServer = refusalOf({
    url: 'https://ephemera.example',
    status: 409,
    text: JSON.stringify({ error: foreign.message, code: foreign.code, hint: foreign.hint }),
    tokenHint: '',
    hadToken: true,
  });
  for (const error of [foreign, byServer]) {
    const created = withAdvice(jobsThat(error), { by }).create({ name: 'pr-1', namespace: 'builds' }, signal);
    const refused = await created.then(undefined, (thrown: unknown) => thrown);
    expect(refused).toMatchObject({
      code: 'cli.pr_job_taken',
      message: error.message,
      hint: expect.stringContaining(said) as unknown,
    });
    expect(exitCodeOf(refused)).toBe(3);
  }
});

test.each(['status', 'logs'] as const)(
  '%s of a job that is not there asks for the namespace, and says when it was cleaned up where that is known',
  async (verb) => {
    const error = new prJobErrors.PrJobNotFound({ jobName, namespace: 'builds' });
    const ask = (cleanedUpAt: string | undefined) => {
      const jobs = withAdvice(jobsThat(error), { by: 'server', cleanedUpAt: async () => cleanedUpAt });
      const sinks = { onLine: () => {}, onWarning: () => {} };
      return verb === 'status'
        ? jobs.status(ref, signal)
        : jobs.logs(ref, { follow: false, tailLines: undefined, signal, ...sinks });
    };
    await expect(ask(undefined)).rejects.toMatchObject({
      code: 'cli.pr_job_missing',
      hint: expect.stringMatching(/^Is it in another namespace\? Say which with --namespace\./) as unknown,
    });
    await expect(ask('2026-01-01T00:00:00Z')).rejects.toThrow('it was cleaned up at 2026-01-01T00:00:00Z.');
  },
);

test('every other error is told as it is', async () => {
  const other = new kubeErrors.Unreachable({ server: 'https://a.example', problem: 'refused' });
  const jobs = withAdvice(jobsThat(other), { by: 'cluster' });
  await expect(jobs.create({ name: 'pr-1' }, signal)).rejects.toBe(other);
  await expect(jobs.status(ref, signal)).rejects.toBe(other);
});

const record = (parts: Partial<PrJobEventView>): PrJobEventView => ({
  id: 1,
  at: '2026-01-01T00:00:00Z',
  caller: 'ci',
  action: 'create',
  outcome: 'done',
  cluster: '',
  job_name: jobName,
  code: null,
  message: null,
  ...parts,
});

test('a job was cleaned up when a cleanup of its cluster was done after it was made', () => {
  const made = record({});
  const removed = record({ action: 'cleanup', at: 'later', job_name: null });
  expect(cleanupAfter([removed, made], jobName)).toBe('later');
  expect(cleanupAfter([record({ action: 'cleanup', at: 'again', job_name: null }), removed, made], jobName)).toBe(
    'later',
  );
  for (const events of [
    [made],
    [made, removed],
    [{ ...removed, outcome: 'failed' }, made],
    [{ ...removed, cluster: 'prod' }, made],
    [removed, record({ job_name: 'another' })],
  ])
    expect(cleanupAfter(events, jobName)).toBeUndefined();
});

test('the column JOB holds jobs alone; a cluster has a column of its own where one is named', () => {
  expect(eventsTable([record({ caller: 'me', job_name: null, message: 'No.' })]).split('\n')).toEqual([
    'AT                    CALLER  ACTION  OUTCOME  JOB  MESSAGE',
    '2026-01-01 00:00:00Z  me      create  done          No.',
  ]);
  expect(eventsTable([record({ cluster: 'nope', job_name: null })])).toMatch(
    /^AT +CALLER +ACTION +OUTCOME +CLUSTER +JOB +MESSAGE\n.* done +nope *$/,
  );
});

test('an empty log of a job that has ended is no proof that nothing was written', () => {
  expect(nothingRead({ active: 0, succeeded: 1, failed: 0 })).toContain('its pods are gone');
  for (const found of [undefined, { active: 1, succeeded: 0, failed: 1 }, { active: 0, succeeded: 0, failed: 0 }])
    expect(nothingRead(found)).toBe('Nothing was written.');
});

const status = (state: JobStatus['state'], failed = 0): JobEvent => ({
  type: 'status',
  status: {
    namespace: 'builds',
    name: jobName,
    uid: '',
    state,
    active: 1,
    ready: 0,
    succeeded: 0,
    failed,
    completions: 1,
    parallelism: 1,
    conditions: [],
  },
});

test('a job that was running is Pending again only when a pod has failed', () => {
  const isNews = steady();
  const states = [
    status('Pending'),
    status('Running'),
    status('Pending'),
    status('Pending', 1),
    status('Running', 1),
    status('Pending', 1),
    status('Complete', 1),
  ];
  expect(states.map(isNews)).toEqual([true, true, false, true, true, false, true]);
  expect(isNews({ type: 'warning', message: 'x' })).toBe(true);
});

test.each([
  [404, '404 page not found', 'What answers there is no Ephemera: 404 page not found'],
  [405, '', 'What answers there is no Ephemera'],
  [502, '<html>Bad Gateway</html>', '<html>Bad Gateway</html>'],
])('an answer %i without a word of ours asks whether the address is right', async (status, text, said) => {
  await using server = await serverThat((request, response) => {
    request.resume();
    response.writeHead(status).end(text);
  });
  const api = apiOf({ url: server.url, inWords: '', token: async () => undefined, hint: '' });
  const refused = await api.ask({ path, signal }).then(undefined, (thrown: unknown) => thrown);
  expect(explain(refused)).toContain(`Error: ${said} (${status} from ${server.url})\n\nIs EPHEMERA_URL right?`);
  expect(exitCodeOf(refused)).toBe(3);
});
