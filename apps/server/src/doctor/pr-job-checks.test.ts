import { expect, test } from 'vitest';
import { judgeNamedClusters } from './named-clusters-check.ts';
import { judgePrJobNamespaces, type PrJobNamespace } from './pr-job-namespaces-check.ts';
import { checkSettings } from './settings-check.ts';

const asked = { namespaces: ['builds'], builder: 'rootless', asked: true } as const;
const unasked = { ...asked, asked: false };
const privileged = { ...asked, builder: 'privileged' } as const;

const namespace = (change: Partial<PrJobNamespace> = {}): PrJobNamespace => ({
  name: 'builds',
  exists: true,
  missing: [],
  rights: 40,
  enforced: null,
  privilegedBuilders: false,
  otherSecrets: 0,
  ...change,
});
const missing = [
  { verb: 'create', group: 'batch', resource: 'jobs' },
  { verb: 'get', group: '', resource: 'pods/log' },
];

test.each([
  [namespace(), asked, true, 'builds: all is there'],
  [namespace({ exists: false, missing }), asked, false, 'builds: there is no such namespace'],
  [namespace({ missing }), asked, false, 'builds: missing: create jobs.batch, get pods/log'],
  [
    namespace({ enforced: 'baseline' }),
    asked,
    false,
    expect.stringContaining('level baseline, which refuses builders'),
  ],
  [namespace({ enforced: 'privileged' }), asked, true, 'builds: all is there'],
  [namespace(), privileged, false, expect.stringContaining('ephemera.dev/privileged-builders=true')],
  [namespace({ privilegedBuilders: true }), privileged, true, 'builds: all is there'],
  [
    namespace({ otherSecrets: 3 }),
    asked,
    null,
    expect.stringContaining('Secrets of others, so jobs of the profile seed'),
  ],
  [namespace({ exists: undefined, enforced: undefined }), asked, null, expect.stringContaining('cannot be said')],
  [namespace({ otherSecrets: undefined }), asked, null, expect.stringContaining('cannot be said')],
  // Nobody has named it, so nobody may want jobs there.
  [namespace({ missing }), unasked, null, 'builds: 2 of the 40 rights that jobs need are missing'],
])('a namespace for jobs %j, %j: %s', (found, wanted, ok, detail: unknown) => {
  expect(judgePrJobNamespaces([found], wanted)).toMatchObject({ ok, detail });
});

test('one namespace that is not well hides no other', () => {
  const { ok, detail } = judgePrJobNamespaces(
    [namespace(), namespace({ name: 'default', otherSecrets: 1 }), namespace({ name: 'gone', exists: false })],
    asked,
  );
  expect(ok).toBe(false);
  expect(detail).toMatch(/^builds: all is there\. default: it holds Secrets .*\. gone: there is no such namespace$/);
});

test('a named cluster that does not answer is told with its reason beside those that do', () => {
  const fine = { name: 'STAGING', answer: { version: 'v1.36.3' } };
  const away = { name: 'PROD', answer: { problem: 'https://10.0.0.1 cannot be reached.' } };
  expect(judgeNamedClusters([])).toMatchObject({ ok: true });
  expect(judgeNamedClusters([fine])).toMatchObject({ ok: true, detail: 'STAGING: v1.36.3' });
  expect(judgeNamedClusters([fine, away])).toMatchObject({
    ok: false,
    detail: 'STAGING: v1.36.3; PROD: https://10.0.0.1 cannot be reached.',
  });
});

test('a cluster that callers may name, and that nothing has, is told beside those that there are', () => {
  expect(judgeNamedClusters([{ name: 'STAGING', answer: { version: 'v1.36.3' } }], ['PROD'])).toMatchObject({
    ok: false,
    detail: 'STAGING: v1.36.3; PR_JOBS_CLUSTERS names what no KUBECONFIG_<NAME> has: PROD',
  });
});

test('a settings file may hold the clusters of pull-request jobs, and what they are is not shown', () => {
  const variables = { KUBECONFIG_PROD: 'c2VjcmV0', KUBE_SKIP_TLS_VERIFY: 'true' };
  const { verdict } = checkSettings([
    { name: 'the environment', variables: {} },
    { name: 'ephemera.env', variables },
  ]);
  expect(verdict).toEqual({ ok: true, detail: 'all by default' });
});
