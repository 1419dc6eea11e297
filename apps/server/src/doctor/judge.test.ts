import type { App, HookDelivery, Installation } from '@ephemera/github';
import { expect, test } from 'vitest';
import { neededPermissions, placeholderUrl, webhookPath } from '../github-app.ts';
import { judgeClocks } from './clock-check.ts';
import { isSupported, judgeRights } from './cluster-checks.ts';
import { judgeSpace } from './disk-check.ts';
import { judgeApp, judgeInstallations, judgeWebhook } from './github-checks.ts';
import { judgeAttempts } from './network/judge.ts';
import { podState } from './network/pod.ts';
import { checkSettings } from './settings-check.ts';

const permissions = Object.fromEntries(Object.entries(neededPermissions).map(([name, { level }]) => [name, level]));

test.each([
  ['v1.36.3', true],
  ['v1.32.0-eks-5c9', true],
  ['v2.0.0', true],
  ['v1.31.9-gke.100', false],
  ['nonsense', false],
])('Kubernetes %s is supported: %s', (version, supported) => {
  expect(isSupported(version)).toBe(supported);
});

test('a missing right is named with verb and resource, and one right too many is no fault', () => {
  const missing = [
    { verb: 'delete', group: '', resource: 'namespaces' },
    { verb: 'patch', group: 'networking.k8s.io', resource: 'networkpolicies' },
  ];
  expect(judgeRights(missing, false)).toMatchObject({
    ok: false,
    detail: 'missing: delete namespaces, patch networkpolicies.networking.k8s.io',
  });
  expect(judgeRights([], false)).toMatchObject({ ok: true });
  expect(judgeRights([], true)).toMatchObject({ ok: null, hint: expect.stringContaining('everything') as unknown });
});

const app = (change: Partial<App> = {}): App => ({
  id: 1,
  slug: 'ours',
  permissions,
  events: ['pull_request', 'repository'],
  installationsCount: 1,
  ...change,
});

test('an App with what is needed is well, one with less is broken, and one with more is told so', () => {
  expect(judgeApp(app())).toMatchObject({ ok: true });
  expect(judgeApp(app({ permissions: { ...permissions, checks: 'read' }, events: ['pull_request'] }))).toMatchObject({
    ok: false,
    detail: 'GitHub answers App ours (1); it lacks the permission checks: write; it does not subscribe to repository',
  });
  expect(judgeApp(app({ permissions: { ...permissions, contents: 'write' } }))).toMatchObject({
    ok: null,
    hint: expect.stringContaining('contents: write') as unknown,
  });
});

const installation = (change: Partial<Installation> = {}): Installation => ({
  id: 1,
  account: 'acme',
  suspended: false,
  permissions,
  events: [],
  ...change,
});

test.each([
  [[installation()], true],
  [[], null],
  [[installation(), installation({ account: 'other', suspended: true })], null],
  [[installation({ permissions: { ...permissions, statuses: 'read' } })], false],
])('installations %j: %s', (installations, ok) => {
  expect(judgeInstallations(installations).ok).toBe(ok);
});

const delivery = (statusCode: number): HookDelivery => ({
  id: '1',
  guid: 'g',
  event: 'ping',
  action: null,
  deliveredAt: new Date(0),
  statusCode,
  status: 'failed to connect to host',
});
const ours = 'https://ephemera.example.com/webhooks/github';

test.each([
  [ours, [200], true, 'arrived'],
  [ours, [202, 500, 500], true, '1 of the newest 3'],
  [ours, [401, 202], false, 'secrets differ'],
  [ours, [0], false, 'failed to connect to host'],
  [ours, [], null, 'none yet'],
  ['https://ephemera.example.com/', [202], null, 'takes them at /webhooks/github'],
  ['https://pr-1.preview.example.com/webhooks/github', [202], false, 'below BASE_DOMAIN'],
  [`${placeholderUrl}${webhookPath}`, [], false, 'Give the App its address'],
  [placeholderUrl, [0], false, 'Give the App its address'],
  [undefined, [], false, 'no webhook address'],
])('webhooks to %s with deliveries %j: %s', (url, statuses, ok, said) => {
  const verdict = judgeWebhook({ url, deliveries: statuses.map(delivery), baseDomain: 'preview.example.com' });
  expect(verdict.ok).toBe(ok);
  expect(`${verdict.detail} ${verdict.hint ?? ''}`).toContain(said);
});

test.each([
  [[0, 59_000], true],
  [[-61_000, 0], false],
  [[undefined, 0], true],
  [[undefined], null],
])('clocks that are ahead by %j ms: %s', (differences, ok) => {
  expect(judgeClocks(differences.map((aheadMs) => ({ of: 'GitHub', aheadMs }))).ok).toBe(ok);
});

test.each([
  [10 * 1024, true],
  [500, null],
  [10, false],
])('%i MiB of free space: %s', (mebi, ok) => {
  expect(judgeSpace(mebi * 1024 * 1024, '/data').ok).toBe(ok);
});

test.each([
  ['policies hold', { allowed: ['through'], denied: ['blocked'], allowedAfter: 'through' }, true],
  [
    'policies hold after a moment',
    { allowed: ['through'], denied: ['through', 'blocked'], allowedAfter: 'through' },
    true,
  ],
  ['policies do not hold', { allowed: ['through'], denied: ['through', 'through', 'through'] }, null],
  ['nobody gets through', { allowed: ['blocked', 'blocked'], denied: [] }, null],
  ['the server went away', { allowed: ['through'], denied: ['blocked'], allowedAfter: 'blocked' }, null],
] as const)('%s: %j is judged as %s', (_, attempts, ok) => {
  expect(judgeAttempts(attempts).ok).toBe(ok);
});

const pod = (status: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, status });

test.each([
  [
    { phase: 'Running', podIP: '10.0.0.1' },
    { state: 'running', address: '10.0.0.1' },
  ],
  [
    { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 1 } } }] },
    { state: 'ended', exitCode: 1 },
  ],
  [
    {
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } }],
    },
    { state: 'stuck', problem: 'ImagePullBackOff: no such image' },
  ],
  [
    { phase: 'Failed', reason: 'Evicted', message: 'no room' },
    { state: 'stuck', problem: 'no room' },
  ],
  [
    { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes' }] },
    { state: 'waiting', problem: '0/1 nodes' },
  ],
])('a pod with the status %j is %j', (status, state) => {
  expect(podState(pod(status))).toEqual(state);
});

test('settings are told with their source, and secrets and accounts are not shown', () => {
  const { verdict } = checkSettings([
    { name: 'the environment', variables: { PORT: '3002', HOME: '/root', DATABASE_URL: 'postgres://me:hidden@db/e' } },
    {
      name: 'a.env',
      variables: {
        PORT: '1',
        GITHUB_APP_ID: '7',
        GITHUB_APP_PRIVATE_KEY_PATH: '/key.pem',
        GITHUB_WEBHOOK_SECRET: 'hidden',
      },
    },
  ]);
  expect(verdict).toEqual({
    ok: true,
    detail:
      'from the environment: PORT=3002, DATABASE_URL=postgres://db/e; from a.env: GITHUB_APP_ID=7, GITHUB_APP_PRIVATE_KEY_PATH=/key.pem, GITHUB_WEBHOOK_SECRET (set); the rest by default',
  });
});

test('settings that are not valid are told, and the others are used all the same', () => {
  const { verdict, settings } = checkSettings([
    { name: 'the environment', variables: { PORT: 'http', GITHUB_APP_ID: '7', BASE_DOMAIN: 'a.example' } },
  ]);
  expect(verdict.ok).toBe(false);
  expect(verdict.detail).toContain('PORT:');
  expect(settings).toMatchObject({ PORT: 3001, BASE_DOMAIN: 'a.example', github: undefined });
});

test('a name in the settings file that no setting has is pointed out', () => {
  const { verdict } = checkSettings([
    { name: 'the environment', variables: { HOME: '/root' } },
    { name: 'a.env', variables: { GITHUB_APPID: '7', EPHEMERA_URL: 'http://h' } },
  ]);
  expect(verdict).toMatchObject({
    ok: null,
    hint: expect.stringContaining('No setting is called GITHUB_APPID') as unknown,
  });
});
