import { expect, test } from 'vitest';
import { SandboxGone } from '../errors.ts';
import { createBody } from './create-body.ts';
import { refusalOf } from './refusal.ts';
import { toldSandbox } from './server-answer.ts';
import { serverHost } from './server-host.ts';

const gone = new SandboxGone({ id: 'sandbox-0123456789', reason: 'its pod was deleted.' });
const told = { error: gone.message, code: gone.code, hint: gone.hint, retryable: false, details: gone.details };

test('what a server says of a sandbox is the same class of error as what a cluster says', () => {
  const error = refusalOf(JSON.parse(JSON.stringify(told)));
  expect(error).toBeInstanceOf(SandboxGone);
  expect(error).toMatchObject({ message: gone.message, details: gone.details });
});

test.each([
  ['another sentence', { ...told, error: 'It is gone for a reason of a later version.' }],
  ['other values', { ...told, details: { what: 1 } }],
  ['no values', { ...told, details: undefined }],
  ['a code of the server’s own', { ...told, code: 'sandbox.not_allowed' }],
])('a refusal with %s keeps the words of the server', (_what, body) => {
  const error = refusalOf(body);
  expect(error).not.toBeInstanceOf(SandboxGone);
  expect(error).toMatchObject({ message: body.error, code: body.code, hint: gone.hint, retryable: false });
});

test.each([undefined, null, 'no', 7, [], {}, { error: 1, code: 'x' }, { error: 'x' }])('%j is no refusal', (body) => {
  expect(refusalOf(body)).toBeUndefined();
});

const answer = {
  id: 'sandbox-0123456789',
  name: null,
  image: 'busybox:1',
  namespace: 'default',
  state: 'running',
  reason: null,
  ended: null,
  idle_timeout_ms: 60_000,
  created_at: '2030-01-01T00:00:00.000Z',
  expires_at: '2030-01-01T01:00:00.000Z',
  metadata: { run: '7', strange: 8 },
};

test('a sandbox is read as it is told, without what is of a wrong type', () => {
  expect(toldSandbox(answer)).toEqual({
    info: {
      id: 'sandbox-0123456789',
      image: 'busybox:1',
      namespace: 'default',
      state: 'running',
      createdAt: '2030-01-01T00:00:00.000Z',
      expiresAt: '2030-01-01T01:00:00.000Z',
      idleTimeoutMs: 60_000,
      metadata: { run: '7' },
    },
    ended: undefined,
  });
  expect(toldSandbox({ ...answer, ended: told })?.ended).toBeInstanceOf(SandboxGone);
});

test.each([null, [], { ...answer, id: 7 }, { ...answer, state: 'flying' }, { ...answer, expires_at: undefined }])(
  '%j is no sandbox',
  (body) => {
    expect(toldSandbox(body)).toBeUndefined();
  },
);

test('the environment stays here, and the rest is named as the API names it', () => {
  const body = createBody({
    image: 'busybox:1',
    env: { TOKEN: 'secret' },
    timeoutMs: 1_000,
    readOnlyRoot: false,
    resources: { limits: { ephemeralStorage: '1Gi' } },
  });
  expect(JSON.parse(JSON.stringify(body))).toEqual({
    image: 'busybox:1',
    timeout_ms: 1_000,
    read_only_root: false,
    resources: { limits: { ephemeral_storage: '1Gi' } },
  });
});

test('what a server decides is refused here, all of it at once', () => {
  const options = {
    serviceAccountName: 'a',
    tolerations: [],
    nodeSelector: {},
    imagePullSecrets: [],
    runtimeClassName: 'g',
  };
  expect(() => createBody(options)).toThrow(
    expect.objectContaining({
      code: 'sandbox.invalid',
      message: expect.stringMatching(/serviceAccountName.*tolerations/),
    }),
  );
});

test.each(['localhost:3001', 'ftp://a', '', 'file:///etc/passwd'])('%j is no address of a server', (url) => {
  expect(() => serverHost({ url, token: 't' })).toThrow(TypeError);
});

test('a server that is not there is told with its address, and nothing of the token', async () => {
  const on = serverHost({ url: 'http://127.0.0.1:1', token: 'eph_secret' });
  await expect(on.list()).rejects.toMatchObject({
    code: 'sandbox.server_unreachable',
    retryable: true,
    message: expect.not.stringContaining('secret'),
  });
});
