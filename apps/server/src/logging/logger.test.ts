import { EphemeraError, defineError } from '@ephemera/model';
import { expect, test } from 'vitest';
import { done } from '../work/outcome.ts';
import type { Claim } from '../work/claim.ts';
import { namedInLogs } from './context.ts';
import { createLogger } from './logger.ts';
import { quiet } from './quiet.ts';

type Line = Record<string, unknown>;

/** A log whose lines are kept as they would be written. */
function kept(LOG_LEVEL: 'info' | 'warn' | 'silent' = 'info') {
  const written: string[] = [];
  const log = createLogger({ LOG_LEVEL }, { write: (text) => void written.push(text) });
  return { log, written, lines: () => written.map((text) => JSON.parse(text) as Line) };
}

test('what a stranger writes cannot begin a line of its own, nor speak to a terminal', () => {
  const { log, written, lines } = kept();
  const branch = 'feat/x"}\n{"level":60,"msg":"forged\u001b[2J';
  log.info({ branch }, 'hello');
  expect(written).toHaveLength(1);
  for (const dangerous of ['\n', '\u001b']) expect(written[0]?.trimEnd()).not.toContain(dangerous);
  expect(lines()[0]).toMatchObject({ branch, msg: 'hello' });
});

test('an error has its code and its causes, and nothing else that somebody hung on it', () => {
  const { log, lines } = kept();
  const Refused = defineError<{ what: string }>({
    code: 'kube.forbidden',
    retryable: false,
    message: ({ what }) => `${what} is refused`,
  });
  const cause = Object.assign(new Error('socket hang up'), {
    code: 'ECONNRESET',
    request: { headers: { authorization: 'token ghs_16C7e42F292c6912E7710c838347Ae178B4a' } },
  });
  log.error({ err: new Refused({ what: 'Applying' }, { cause }) }, 'failed');
  const { err } = lines()[0] as { err: Line };
  expect(err).toMatchObject({
    type: EphemeraError.name,
    code: 'kube.forbidden',
    message: 'Applying is refused',
    cause: { code: 'ECONNRESET', message: 'socket hang up' },
  });
  expect(err['stack']).toContain('logger.test.ts');
  expect(JSON.stringify(err)).not.toContain('ghs_');
});

test.each([
  ['postgresql://ephemera:hunter2@db/ephemera', 'hunter2'],
  ['authorization: Bearer abcdefghijklmnopqrstuvwxyz', 'abcdefghijkl'],
  ['token ghs_16C7e42F292c6912E7710c838347Ae178B4a', 'ghs_16C7'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', 'MIIE'],
])('the text of an error does not give away a secret: %s', (message, secret) => {
  const { log, written } = kept();
  log.warn({ err: new Error(message) }, 'failed');
  expect(written.join('')).not.toContain(secret);
  expect(written.join('')).toContain('[redacted]');
});

test('headers and fields that are secrets by their name are hidden', () => {
  const { log, written } = kept();
  const repository = { token: 'def456', dockerConfigJson: '{"auths":{"r":{"auth":"ZGVmNDU2"}}}' };
  log.info({ headers: { authorization: 'Basic dXNlcg==' }, token: 'abc123', body: { repository } }, 'x');
  expect(written.join('')).not.toMatch(/dXNlcg|abc123|def456|ZGVmNDU2/);
});

test('every line that is logged during work says which work it is, and on what', async () => {
  const { log, lines } = kept();
  const handler = async () => {
    await Promise.resolve();
    log.info({ reason: 'a draft' }, 'below');
    return done();
  };
  const named = namedInLogs({ environment: handler, 'pull-request': handler });
  await Promise.all([named.environment?.({ key: '7' } as Claim), named['pull-request']?.({ key: '42/12' } as Claim)]);
  log.info('outside');
  expect(lines()).toMatchObject([
    { work: 'environment', key: '7', environment: 7, reason: 'a draft' },
    { work: 'pull-request', key: '42/12', repositoryId: 42, pr: 12 },
    { msg: 'outside' },
  ]);
  expect(lines()[2]).not.toHaveProperty('work');
});

test('what Fastify says of itself is left out, unless something is wrong; a silent log stays silent', () => {
  const loud = kept('info');
  const fastify = quiet(loud.log);
  fastify.info('Server listening at http://127.0.0.1:3001');
  fastify.warn('careful');
  expect(loud.lines().map(({ msg }) => msg)).toEqual(['careful']);
  const silent = kept('silent');
  quiet(silent.log).error('nothing');
  expect(silent.written).toEqual([]);
});
