import { createHmac } from 'node:crypto';
import type { Cluster } from '@ephemera/kube';
import { fakeHost } from '@ephemera/sandbox/testing';
import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import Fastify, { type InjectOptions } from 'fastify';
import { expect, test as base } from 'vitest';
import { z } from 'zod';
import { secrets, startApp, type TestApp } from '../../test/app.ts';
import { deviation, operationsOf, type Description, type Operation } from '../../test/description.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import { sandboxCalls } from '../../test/sandbox-calls.ts';
import { sandboxPolicyOf } from '../sandboxes/policy.ts';
import { readSettings } from '../settings.ts';
import { queueDeployment } from '../store/deployments.ts';
import { recordNote, recordStatus } from '../store/events.ts';
import { finishSweep } from '../store/sweeps.ts';
import { askSweep } from '../sweep/ask.ts';
import { open } from '../tokens/access.ts';
import { createToken } from '../tokens/tokens.ts';
import { describeApi } from './describe.ts';
import { describeRoutes } from './openapi.ts';
import { operation } from './operation.ts';

interface Fixture {
  server: TestApp;
  description: Description;
}

/** One that answers, and is empty: what is looked for here are faults, not outages. */
const cluster = { version: async () => 'v1.36.0', get: async () => undefined } as unknown as Cluster;

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  server: async ({}, use) => {
    const host = fakeHost({ programs: { true: { exitCode: 0 } }, files: { a: 'a' } });
    const sandboxes = {
      hostOf: () => host,
      policy: sandboxPolicyOf(readSettings({ SANDBOXES_NAMESPACE: 'boxes', SANDBOXES_IMAGES: '*' })),
    };
    await using server = await startApp({ cluster, sandboxes });
    await use(server);
  },
  description: async ({ server: { app, authorization } }, use) => {
    const { body } = await app.inject({ url: '/api/openapi.json', headers: { authorization } });
    await use(JSON.parse(body) as Description);
  },
});

test('the description is valid OpenAPI 3.1, and the reference page has the same one', async ({ description }) => {
  expect(description.openapi).toMatch(/^3\.1\./);
  expect(
    await new Validator().validate(structuredClone(description) as unknown as Record<string, unknown>),
  ).toMatchObject({ valid: true });
  expect(JSON.parse(JSON.stringify(await describeApi()))).toEqual(description);
});

test('every operation has a summary, a tag, and says which token it needs', async ({ description }) => {
  const operations = [...operationsOf(description).values()];
  expect(operations.length).toBeGreaterThan(10);
  for (const { operationId, summary, tags, security, path, responses } of operations) {
    expect(summary, operationId).toBeTruthy();
    expect(tags, operationId).toHaveLength(1);
    const secured = path.startsWith('/api/') || path === '/metrics';
    expect(security, operationId).toHaveLength(secured ? 1 : 0);
    if (secured) for (const status of ['401', '500', '503']) expect(responses[status], operationId).toBeDefined();
  }
});

interface Call {
  readonly status: number;
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: string;
  readonly inject?: InjectOptions;
}

const signed = (event: string, payload: string): InjectOptions => ({
  payload,
  headers: {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': `delivery-${event}`,
    'x-hub-signature-256': `sha256=${createHmac('sha256', secrets[0]).update(payload).digest('hex')}`,
  },
});
const json = (payload: string): InjectOptions => ({ payload, headers: { 'content-type': 'application/json' } });

/** For every operation its calls: what it is for, and each refusal that is its own. */
async function callsOn(server: TestApp): Promise<Record<string, readonly Call[]>> {
  const { db } = server.database;
  const at = new Date('2026-01-01T00:00:00Z');
  await storeEnvironment(db, {
    prNumber: 1,
    namespace: 'pr-1-shop',
    host: 'pr-1-shop.preview.example',
    status: 'destroyed',
    wantedState: 'closed',
    held: true,
    reason: 'environment.held',
    errorMessage: 'Destroyed by hand.',
    destroyingSince: at,
    lastDeployedAt: at,
    destroyedAt: at,
  });
  const { id, namespace, commitSha } = await storeEnvironment(db);
  await recordStatus(db, { environmentId: id, commitSha, status: 'ready', message: 'It is.' });
  await recordNote(db, { environmentId: id, commitSha, name: 'seen', message: 'Somebody looked.' });
  await queueDeployment(db, id, commitSha);
  const { id: sweepId } = await askSweep(db, { dryRun: true });
  const finding = {
    kind: 'missed_close',
    subject: 'acme/shop#12',
    action: 'enqueued',
    detail: 'It is closed.',
  } as const;
  await finishSweep(db, sweepId, {
    complete: true,
    capped: false,
    findings: [finding, { ...finding, environmentId: id }],
  });

  const one = { status: 200, path: { id } };
  const none = { status: 404, path: { id: 999_999 } };
  return {
    ...(await sandboxCalls(server)),
    listEnvironments: [{ status: 200 }, { status: 200, query: 'active_only=true' }, { status: 400, query: 'a=b' }],
    getEnvironment: [one, none, { status: 414, path: { id: 'x'.repeat(1_000) } }],
    getEnvironmentByNamespace: [
      { status: 200, path: { namespace } },
      { status: 404, path: { namespace: 'none' } },
    ],
    listEnvironmentEvents: [one, none],
    listEnvironmentDeployments: [one, none],
    retryEnvironment: [{ ...one, status: 202 }, none],
    destroyEnvironment: [{ ...one, status: 202 }, none],
    askSweep: [
      { status: 202 },
      { status: 202, inject: json('{"dry_run":true}') },
      { status: 400, inject: json('{"dry_run":"yes"}') },
      { status: 400, inject: json('{') },
      { status: 413, inject: json(JSON.stringify('x'.repeat(100_000))) },
      { status: 415, inject: { payload: 'x', headers: { 'content-type': 'text/csv' } } },
    ],
    listSweeps: [{ status: 200 }],
    getSweep: [{ status: 200, path: { id: sweepId } }, none],
    prJob: [
      { status: 400, inject: json('{}') },
      { status: 400, inject: json('{') },
      { status: 403, inject: json('{"name":"a","namespace":"elsewhere"}') },
      { status: 404, inject: json('{"name":"a","clusterName":"elsewhere"}') },
      { status: 413, inject: json(JSON.stringify('x'.repeat(100_000))) },
      { status: 415, inject: { payload: 'x', headers: { 'content-type': 'text/plain' } } },
    ],
    getPrJobLogs: [
      { status: 400, path: { jobName: 'pr-job-a-1640995200000' }, query: 'follow=maybe' },
      { status: 403, path: { jobName: 'pr-job-a-1640995200000' }, query: 'namespace=elsewhere' },
      { status: 404, path: { jobName: 'pr-job-a-1640995200000' }, query: 'clusterName=elsewhere' },
    ],
    listPrJobEvents: [
      { status: 200, query: 'name=a' },
      { status: 400, query: 'name=A' },
    ],
    getDescription: [{ status: 200 }],
    getMetrics: [{ status: 200 }],
    getHealth: [{ status: 200 }],
    getReadiness: [{ status: 200 }],
    getStatusPage: [{ status: 200 }],
    receiveWebhook: [
      { status: 200, inject: signed('ping', '{}') },
      { status: 202, inject: signed('star', '{}') },
      { status: 422, inject: signed('pull_request', '{}') },
      { status: 401, inject: json('{}') },
      { status: 415, inject: { payload: 'x', headers: { 'content-type': 'text/csv' } } },
    ],
  };
}

async function call(
  { app }: TestApp,
  { method, path }: Operation,
  { path: values = {}, query, inject }: Call,
  authorization?: string,
) {
  const url = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(values[name] ?? '1'));
  const headers = { ...(authorization === undefined ? {} : { authorization }), ...inject?.headers };
  return app.inject({ ...inject, method, url: query === undefined ? url : `${url}?${query}`, headers });
}

test('every operation of the description answers as the description says', async ({ server, description }) => {
  const operations = operationsOf(description);
  const calls = await callsOn(server);
  expect(Object.keys(calls).toSorted()).toEqual([...operations.keys()].toSorted());
  for (const [id, described] of operations) {
    for (const one of calls[id] ?? []) {
      const answer = await call(server, described, one, server.authorization);
      expect(`${id} ${answer.statusCode}`, answer.body).toBe(`${id} ${one.status}`);
      expect(deviation(description, described, answer), id).toBeUndefined();
    }
  }
});

test('every operation that needs a token refuses as the description says: without one, and with one that lacks the scope', async ({
  server,
  description,
}) => {
  const { text } = await createToken(server.database.db, { name: 'weak', scopes: ['pr-jobs:cleanup'] });
  for (const [id, described] of operationsOf(description)) {
    const [requirement] = described.security ?? [];
    if (!requirement) continue;
    const without = await call(server, described, { status: 401 });
    expect(`${id} ${without.statusCode}`).toBe(`${id} 401`);
    expect(deviation(description, described, without), id).toBeUndefined();
    const weak = await call(server, described, { status: 403 }, `Bearer ${text}`);
    // Some are for any token that is good, or tell it only by the body, which is none here.
    const isForAny = requirement['token']?.length === 0;
    expect(isForAny ? [200, 400] : [403], `${id} ${weak.body}`).toContain(weak.statusCode);
    expect(deviation(description, described, weak), id).toBeUndefined();
  }
});

const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }).map(encodeURIComponent),
  fc.constantFrom('1', '0', '-1', '2147483648', '1e3', '%zz', '%00', '..', '%2e%2e%2f', "1';--", '[]', 'null', 'true'),
);
const body = fc.oneof(
  fc.json(),
  fc.string(),
  fc.constantFrom('', '{', '{"dry_run":1}', '{"__proto__":{"a":1}}', '{"name":"A"}'),
);
const garbage = fc.record({
  word,
  query: fc.option(
    fc.array(fc.tuple(fc.constantFrom('repository', 'active_only', 'id', 'x', 'name', 'before', 'follow'), word), {
      maxLength: 3,
    }),
  ),
  payload: fc.option(body),
  type: fc.constantFrom(
    'application/json',
    'text/plain',
    'application/json; charset=utf-16',
    'multipart/form-data',
    '',
  ),
});

test('whatever is sent to any operation, the answer is no 5xx, and every refusal has the one error shape', async ({
  server,
  description,
}) => {
  const problem = z.strictObject({
    error: z.string().min(1),
    code: z.string().min(1),
    hint: z.string().optional(),
    retryable: z.boolean(),
    details: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  });
  for (const [id, { method, path }] of operationsOf(description)) {
    await fc.assert(
      fc.asyncProperty(garbage, async ({ word: part, query, payload, type }) => {
        const url = path.replaceAll(/\{\w+\}/g, () => part);
        const answer = await server.app.inject({
          method,
          url: query ? `${url}?${query.map(([name, value]) => `${name}=${value}`).join('&')}` : url,
          headers: { authorization: server.authorization, ...(type === '' ? {} : { 'content-type': type }) },
          ...(payload === null ? {} : { payload }),
        });
        expect(answer.statusCode, `${id}: ${answer.body}`).toBeLessThan(500);
        if (answer.statusCode >= 400) problem.parse(JSON.parse(answer.body));
      }),
      { numRuns: 25 },
    );
  }
});

test('an answer that has grown beyond its description reaches its reader whole, and is no 500', async () => {
  const app = Fastify();
  await describeRoutes(app);
  app.get(
    '/grown',
    operation({
      id: 'grown',
      tag: 'server',
      summary: 'One with another field than it says',
      access: open,
      answers: { 200: { means: 'It.', holds: z.object({ count: z.number() }) } },
    }),
    async () => ({ count: 'many', at: new Date(0), more: undefined }),
  );
  const { statusCode, body: text } = await app.inject('/grown');
  expect(statusCode).toBe(200);
  expect(JSON.parse(text)).toEqual({ count: 'many', at: '1970-01-01T00:00:00.000Z' });
  await app.close();
});
