import { EphemeraError } from '@ephemera/model';
import { expect, test } from 'vitest';
import type { Problem } from '../errors.ts';
import type { SandboxOptions } from '../sandbox-options.ts';
import { assertId, checkedTimeout, checkOptions } from './check-options.ts';

function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    expect(error).toMatchObject({ code: 'sandbox.invalid' });
    if (error instanceof EphemeraError) return error.details['problems'] as readonly Problem[];
    throw error;
  }
  throw new Error('it was taken');
}

test('without any option everything has the documented default', () => {
  expect(checkOptions({})).toEqual({
    image: 'nikolaik/python-nodejs:python3.11-nodejs20-bullseye',
    name: undefined,
    resources: {
      limits: { cpu: '1000m', memory: '2Gi', ephemeralStorage: '4Gi' },
      requests: { cpu: '250m', memory: '512Mi', ephemeralStorage: '1Gi' },
    },
    timeoutMs: 1_800_000,
    idleTimeoutMs: undefined,
    startTimeoutMs: 180_000,
    disk: { size: '2Gi', medium: 'disk' },
    keep: { ofStream: 64 * 1024 ** 2, ofAll: 512 * 1024 ** 2 },
    user: 1000,
    readOnlyRoot: true,
    network: { dns: false, allow: [] },
    serviceAccountName: 'ci-fixer-sandbox',
    imagePullSecrets: [],
    runtimeClassName: undefined,
    hostUsers: undefined,
    nodeSelector: {},
    tolerations: [],
    arch: 'amd64',
    metadata: {},
  });
});

const anything = (options: object) => options as SandboxOptions;

test.each<[string, SandboxOptions]>([
  ['image', { image: '' }],
  ['image', { image: 'busybox:1 --privileged' }],
  ['image', { image: 'busybox\u001b[31m' }],
  ['image', anything({ image: 7 })],
  ['name', { name: 'Has Blanks' }],
  ['name', { name: '' }],
  ['name', { name: 'x'.repeat(64) }],
  ['env["A=B"]', { env: { 'A=B': 'x' } }],
  ['env[""]', { env: { '': 'x' } }],
  ['env["A\\u0000"]', { env: { 'A\0': 'x' } }],
  ['env["A"]', { env: { A: 'x\0y' } }],
  ['env["A"]', anything({ env: { A: 7 } })],
  ['env["A"]', anything({ env: { A: undefined } })],
  ['env', anything({ env: ['A=B'] })],
  ['timeoutMs', { timeoutMs: 0 }],
  ['timeoutMs', { timeoutMs: -1 }],
  ['timeoutMs', { timeoutMs: 999 }],
  ['timeoutMs', { timeoutMs: 1500.5 }],
  ['timeoutMs', { timeoutMs: Number.NaN }],
  ['timeoutMs', { timeoutMs: Number.POSITIVE_INFINITY }],
  ['timeoutMs', { timeoutMs: 365 * 24 * 3_600_000 }],
  ['timeoutMs', anything({ timeoutMs: '60000' })],
  ['idleTimeoutMs', { idleTimeoutMs: 0 }],
  ['startTimeoutMs', { startTimeoutMs: 3_600_001 }],
  ['resources', anything({ resources: '1Gi' })],
  ['resources.limits', anything({ resources: { limits: 1 } })],
  ['resources.limits.memory', { resources: { limits: { memory: 'much' } } }],
  ['resources.limits.memory', { resources: { limits: { memory: '0' } } }],
  ['resources.limits.cpu', { resources: { limits: { cpu: '-1' } } }],
  ['resources.requests.cpu', { resources: { requests: { cpu: '2' } } }],
  ['resources.requests.memory', { resources: { limits: { memory: '1Gi' }, requests: { memory: '1025Mi' } } }],
  ['disk', anything({ disk: '1Gi' })],
  ['disk.size', { disk: { size: 'big' } }],
  ['disk.size', { disk: { size: '2Gi' }, resources: { limits: { ephemeralStorage: '1Gi' } } }],
  ['disk.size', { disk: { size: '3Gi', medium: 'memory' } }],
  ['disk.medium', anything({ disk: { medium: 'tape' } })],
  ['user', { user: -1 }],
  ['user', { user: 1.5 }],
  ['user', { user: 2 ** 31 }],
  ['readOnlyRoot', anything({ readOnlyRoot: 'no' })],
  ['network', anything({ network: 'all' })],
  ['network.dns', anything({ network: { dns: 1 } })],
  ['network.allow', anything({ network: { allow: '10.0.0.0/8' } })],
  ['network.allow[0].cidr', { network: { allow: [{ cidr: '10.0.0.1/8' }] } }],
  ['network.allow[0].cidr', { network: { allow: [{ cidr: '10.0.0.0/33' }] } }],
  ['network.allow[0].cidr', { network: { allow: [{ cidr: 'example.com' }] } }],
  ['network.allow[0].cidr', { network: { allow: [{ cidr: '169.254.169.254/32' }] } }],
  ['network.allow[0].cidr', { network: { allow: [{ cidr: 'fe80::/64' }] } }],
  ['network.allow[0].except', { network: { allow: [{ cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] }] } }],
  ['network.allow[0].except', { network: { allow: [{ cidr: '10.0.0.0/8', except: ['10.0.0.0/8'] }] } }],
  ['network.allow[1].ports', { network: { allow: [{ cidr: '10.0.0.0/8' }, { cidr: '10.0.0.0/8', ports: [0] }] } }],
  ['serviceAccountName', { serviceAccountName: 'No_Account' }],
  ['imagePullSecrets', anything({ imagePullSecrets: 'secret' })],
  ['imagePullSecrets[1]', { imagePullSecrets: ['one', 'T w o'] }],
  ['runtimeClassName', { runtimeClassName: '' }],
  ['hostUsers', anything({ hostUsers: true })],
  ['nodeSelector', { nodeSelector: { 'a b': 'c' } }],
  ['nodeSelector', { nodeSelector: { 'kubernetes.io/arch': 'arm64' } }],
  ['tolerations', anything({ tolerations: {} })],
  ['tolerations[0]', anything({ tolerations: [{ keys: 'x' }] })],
  ['arch', anything({ arch: 'x86_64' })],
  ['metadata', { metadata: { 'has blank': 'x' } }],
  ['metadata', { metadata: { long: 'x'.repeat(65_537) } }],
  ['metadata.a', anything({ metadata: { a: 1 } })],
  ['timeoutMS', anything({ timeoutMS: 60_000 })],
  ['"two\\u2028lines"', anything({ 'two\u2028lines': 1 })],
  ['disk.medum', anything({ disk: { medum: 'memory' } })],
  ['resources.limit', anything({ resources: { limit: {} } })],
  ['resources.limits.ephemeral_storage', anything({ resources: { limits: { ephemeral_storage: '1Gi' } } })],
  ['network.alow', anything({ network: { alow: [] } })],
  ['network.allow[0].exept', anything({ network: { allow: [{ cidr: '10.0.0.0/8', exept: ['10.1.0.0/16'] }] } })],
])('%s is refused in %j', (path, options) => {
  expect(problemsOf(() => checkOptions(options)).map((problem) => problem.path)).toEqual([path]);
});

test('all problems are told at once, each with what to do about it', () => {
  const problems = problemsOf(() => checkOptions({ image: '', timeoutMs: 0, user: -1 }));
  expect(problems.map(({ path }) => path)).toEqual(['image', 'timeoutMs', 'user']);
  for (const { problem, fix } of problems) expect([problem, fix]).not.toContain('');
});

test('what was probably meant is said of an option that does not exist', () => {
  const [problem] = problemsOf(() => checkOptions(anything({ timeoutMS: 60_000 })));
  expect(problem).toMatchObject({ problem: 'is not a known key', fix: 'did you mean timeoutMs?' });
});

test('more environment than the sandbox can be sent is refused', () => {
  const problems = problemsOf(() => checkOptions({ env: { A: 'x'.repeat(5_000_000) } }));
  expect(problems.map(({ path }) => path)).toEqual(['env']);
});

const cyclic: { self?: object } = {};
cyclic.self = cyclic;

test.each<[string, unknown, string]>([
  ['a bigint', 7n, 'is 7'],
  ['bigints', [7n], 'is a list'],
  ['what contains itself', cyclic, 'is an object'],
  ['what would break the line', 'a\u2028\u202e\u001bb c', 'is "a\\u2028\\u202e\\u001bb c"'],
])('%s in the place of a text is refused in one readable line', (_, image, problem) => {
  expect(problemsOf(() => checkOptions(anything({ image })))).toMatchObject([{ path: 'image', problem }]);
});

test.each([undefined, 'sandbox-0123456789'])('a host takes the id %s', (id) => {
  expect(() => assertId(id)).not.toThrow();
});

test.each(['', 'sandbox-0123', 'sandbox-012345678G', '../x', 7])('a host refuses the id %j', (id) => {
  expect(problemsOf(() => assertId(id)).map(({ path }) => path)).toEqual(['id']);
});

test('values of the environment are never shown', () => {
  const problems = problemsOf(() => checkOptions({ env: { KEY: 'secret\0' } }));
  expect(JSON.stringify(problems)).not.toContain('secret');
});

test('ten thousand variables are taken', () => {
  const env = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`NAME_${at}`, String(at)]));
  expect(() => checkOptions({ env })).not.toThrow();
});

test('a request that is not given is never more than the limit', () => {
  const { resources } = checkOptions({
    resources: { limits: { cpu: '100m', memory: '64Mi', ephemeralStorage: '128Mi' } },
  });
  expect(resources.requests).toEqual({ cpu: '100m', memory: '64Mi', ephemeralStorage: '128Mi' });
});

test('a disk that was asked for fits its limit: what is not given follows', () => {
  expect(checkOptions({ disk: { size: '10Gi' } }).resources.limits.ephemeralStorage).toBe(String(12 * 1024 ** 3));
  expect(checkOptions({ resources: { limits: { ephemeralStorage: '512Mi' } } }).disk.size).toBe('512Mi');
  const small = checkOptions({ disk: { medium: 'memory' }, resources: { limits: { memory: '64Mi' } } });
  expect(small.disk).toEqual({ size: '64Mi', medium: 'memory' });
});

test('where there is little disk, less of what commands write is kept', () => {
  const { keep } = checkOptions({ resources: { limits: { ephemeralStorage: '128Mi' } } });
  expect(keep).toEqual({ ofStream: 16 * 1024 ** 2, ofAll: 32 * 1024 ** 2 });
});

test.each([0, -5, 1.5, Number.NaN, 604_800_001])('a sandbox cannot be extended by %d ms', (timeoutMs) => {
  expect(problemsOf(() => checkedTimeout(timeoutMs)).map(({ path }) => path)).toEqual(['timeoutMs']);
});

test('a sandbox can be extended by 1 second to 7 days', () => {
  expect([checkedTimeout(1_000), checkedTimeout(604_800_000)]).toEqual([1_000, 604_800_000]);
});
