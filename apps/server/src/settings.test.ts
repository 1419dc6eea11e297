import { expect, test } from 'vitest';
import { describeSettings, readSettings, SettingsInvalid } from './settings.ts';

const app = {
  GITHUB_APP_ID: '401000',
  GITHUB_APP_PRIVATE_KEY_PATH: '/etc/ephemera/app.pem',
  GITHUB_WEBHOOK_SECRET: 'current',
};

/** What is wrong with these settings, a line each; empty when they are fine. */
function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    return error.details['problems'] as string[];
  }
}

test('without any setting the server listens on loopback, has a quota of 1 CPU, 2Gi and 10 pods, and no GitHub App', () => {
  expect(readSettings({})).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 3001,
    BASE_DOMAIN: 'localhost',
    PUBLIC_SCHEME: 'http',
    GITHUB_API_URL: 'https://api.github.com',
    DRAFTS: 'include',
    QUOTA_CPU: '1',
    QUOTA_MEMORY: '2Gi',
    QUOTA_PODS: 10,
    LIMIT_DEFAULT_CPU: '100m',
    LIMIT_DEFAULT_MEMORY: '200Mi',
    WORK_LEASE_SECONDS: 15,
    DESTROY_FAILED_AFTER_SECONDS: 600,
    github: undefined,
  });
});

test('all problems are told at once, each with the name of its setting', () => {
  const problems = problemsOf({ PORT: 'http', QUOTA_CPU: 'much', DRAFTS: 'maybe', GITHUB_APP_ID: '1' });
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    'PORT',
    'DRAFTS',
    'QUOTA_CPU',
    'GITHUB_APP_PRIVATE_KEY_PATH',
    'GITHUB_WEBHOOK_SECRET',
  ]);
});

test('the message lists every problem and says where the settings are explained', () => {
  const error = new SettingsInvalid({ problems: ['PORT: is odd', 'HOST: is far'] });
  expect(error.message).toContain('PORT: is odd');
  expect(error.message).toContain('HOST: is far');
  expect(error.hint).toContain('up --help');
});

test('what was refused is not repeated: a password in DATABASE_URL stays out of the message', () => {
  const problems = problemsOf({ DATABASE_URL: 'mysql://ephemera:hunter2@db/x', GITHUB_APP_ID: 'hunter2' });
  expect(problems.join('\n')).toContain('DATABASE_URL');
  expect(problems.join('\n')).not.toContain('hunter2');
});

test('the GitHub App is configured when its id, key and webhook secret are all set', () => {
  expect(readSettings(app).github).toEqual({
    apiUrl: 'https://api.github.com',
    appId: '401000',
    privateKeyPath: '/etc/ephemera/app.pem',
    webhookSecrets: ['current'],
  });
});

test.each(Object.keys(app))('a GitHub App without %s is refused, by its name', (missing) => {
  const { [missing]: _left, ...rest } = app as Record<string, string>;
  expect(problemsOf(rest)).toEqual([expect.stringMatching(new RegExp(`^${missing}: is missing, while `))]);
});

test('sandboxes are off until a namespace is named for them, and then run one image without DNS', () => {
  expect(readSettings({})).toMatchObject({
    SANDBOXES_NAMESPACE: 'none',
    SANDBOXES_IMAGES: ['nikolaik/python-nodejs:python3.11-nodejs20-bullseye'],
    SANDBOXES_DNS: 'false',
  });
  expect(readSettings({ SANDBOXES_NAMESPACE: 'boxes' }).SANDBOXES_NAMESPACE).toBe('boxes');
});

test('a namespace of pull-request jobs is refused for sandboxes', () => {
  expect(problemsOf({ SANDBOXES_NAMESPACE: 'default' })).toEqual([
    expect.stringMatching(/^SANDBOXES_NAMESPACE: is default, one of PR_JOBS_NAMESPACES/),
  ]);
  expect(problemsOf({ SANDBOXES_NAMESPACE: 'a', PR_JOBS_NAMESPACES: 'b,a' })).toHaveLength(1);
  expect(problemsOf({ SANDBOXES_NAMESPACE: 'default', PR_JOBS_NAMESPACES: 'b' })).toEqual([]);
});

test('GITHUB_API_URL alone starts nothing, as GitHub’s own runners set it', () => {
  expect(readSettings({ GITHUB_API_URL: 'https://ghe.example/api/v3' }).github).toBeUndefined();
});

test.each(['ghe.example', 'file:///etc/passwd', 'ftp://ghe.example'])('GITHUB_API_URL %s is refused', (url) => {
  expect(problemsOf({ GITHUB_API_URL: url })).toEqual([expect.stringMatching(/^GITHUB_API_URL:/)]);
});

test('while the webhook secret is replaced, the previous one is accepted too', () => {
  const settings = readSettings({ ...app, GITHUB_WEBHOOK_SECRET_PREVIOUS: 'previous' });
  expect(settings.github?.webhookSecrets).toEqual(['current', 'previous']);
});

test('an empty variable counts as not set', () => {
  expect(readSettings({ PORT: '', GITHUB_APP_ID: '', DATABASE_URL: '', BASE_DOMAIN: '' })).toMatchObject({
    PORT: 3001,
    BASE_DOMAIN: 'localhost',
    github: undefined,
  });
  expect(problemsOf({ ...app, GITHUB_WEBHOOK_SECRET: '' })).toHaveLength(1);
});

test('PUBLIC_PORT is the port of the URLs where a proxy listens elsewhere', () => {
  expect(readSettings({ PUBLIC_PORT: '443', PUBLIC_SCHEME: 'https' })).toMatchObject({
    PORT: 3001,
    PUBLIC_PORT: 443,
    PUBLIC_SCHEME: 'https',
  });
});

test.each([
  ['a port', 'preview.example:3001'],
  ['a scheme', 'https://preview.example'],
  ['a path', 'preview.example/x'],
  ['a leading dot', '.preview.example'],
  ['a wildcard', '*.preview.example'],
])('a BASE_DOMAIN with %s is refused', (_what, domain) => {
  expect(problemsOf({ BASE_DOMAIN: domain })).toEqual([expect.stringMatching(/^BASE_DOMAIN: must be a domain name/)]);
});

test('BASE_DOMAIN is taken in lower case, as hosts are compared that way', () => {
  expect(readSettings({ BASE_DOMAIN: 'Preview.Example' }).BASE_DOMAIN).toBe('preview.example');
});

test.each(['a b', 'http://0.0.0.0', '0.0.0.0:3001', '-'])('HOST %s is refused', (host) => {
  expect(problemsOf({ HOST: host })).toEqual(['HOST: must be an address or a name of this machine']);
});

test.each(['127.0.0.1', '::1', 'localhost', '0.0.0.0', '::', '192.168.1.4', 'example.com'])(
  'HOST %s is taken',
  (host) => {
    expect(readSettings({ HOST: host }).HOST).toBe(host);
  },
);

test.each([
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '3001.5'],
  ['PORT', ' '],
  ['PORT', '0x10'],
  ['PORT', '1e3'],
  ['PUBLIC_PORT', '0'],
  ['QUOTA_PODS', '0'],
  ['WORK_LEASE_SECONDS', '0'],
  ['QUOTA_MEMORY', '2 Gi'],
  ['LIMIT_DEFAULT_CPU', '-1'],
  ['LOG_LEVEL', 'loud'],
  ['DATABASE_URL', 'mysql://db/ephemera'],
])('%s=%s is refused', (name, value) => {
  expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
});

test('variables that are no settings of ours are left alone', () => {
  expect(problemsOf({ PATH: '/bin', GITHUB_TOKEN: 'x', toString: 'y', __proto__: 'z' })).toEqual([]);
});

test('every setting is described, and no secret has a default', () => {
  const described = describeSettings();
  expect(described.filter(({ help }) => help === '')).toEqual([]);
  expect(described.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['KUBECONFIG_PATH', 'CLUSTER_NAME', 'BASE_DOMAIN', 'DATABASE_URL', ...Object.keys(app)]),
  );
  const withoutDefault = described.filter((setting) => setting.default === undefined).map(({ name }) => name);
  expect(withoutDefault).toEqual(
    expect.arrayContaining([...Object.keys(app), 'GITHUB_WEBHOOK_SECRET_PREVIOUS', 'DATABASE_URL']),
  );
});

test('settings cannot be changed once they are read', () => {
  expect(Object.isFrozen(readSettings({}))).toBe(true);
});

test('clusters that callers may name are a list, none of them is possible, and unless it is set they are all', () => {
  expect(readSettings({}).PR_JOBS_CLUSTERS).toBeUndefined();
  expect(readSettings({ PR_JOBS_CLUSTERS: 'none' }).PR_JOBS_CLUSTERS).toEqual([]);
  const names = 'PROD, arn:aws:eks:eu-central-1:1:cluster/ci,PROD';
  expect(readSettings({ PR_JOBS_CLUSTERS: names }).PR_JOBS_CLUSTERS).toEqual([
    'PROD',
    'arn:aws:eks:eu-central-1:1:cluster/ci',
  ]);
  expect(problemsOf({ PR_JOBS_CLUSTERS: 'PROD,' })).toEqual([
    expect.stringMatching(/^PR_JOBS_CLUSTERS\.1: must be names/),
  ]);
});

test.each(['http://127.0.0.1:1/oidc', 'http://[::1]:1', 'http://localhost:1', 'https://ghe.example/_services/token'])(
  'an OIDC_ISSUER whose keys nobody on the way can change is taken: %s',
  (issuer) => {
    expect(readSettings({ OIDC_ISSUER: issuer }).OIDC_ISSUER).toBe(issuer);
  },
);

test.each(['http://ghe.example/_services/token', 'http://127.0.0.1.evil.example', 'http://localhost.example'])(
  'an OIDC_ISSUER that is asked over http is refused: %s',
  (issuer) => {
    expect(problemsOf({ OIDC_ISSUER: issuer })).toEqual([expect.stringMatching(/^OIDC_ISSUER: must be an https URL/)]);
  },
);
