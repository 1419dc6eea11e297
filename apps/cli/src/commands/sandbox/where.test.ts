import { expect, test } from 'vitest';
import { nextCommand, whereOf } from './where.ts';

const server = { EPHEMERA_URL: 'http://127.0.0.1:9/', EPHEMERA_TOKEN: 'eph_secret' };

test('a server is asked where one is named, and named without its token', () => {
  expect(whereOf({}, server).inWords).toBe('server http://127.0.0.1:9 (with EPHEMERA_TOKEN)');
});

test.each([
  ['no token', { EPHEMERA_URL: 'http://127.0.0.1:9' }, {}, /^EPHEMERA_TOKEN is not set/],
  ['a namespace', server, { namespace: 'a' }, /^--namespace is for a cluster/],
  ['a token that no header can hold', { ...server, EPHEMERA_TOKEN: 'eph_\nsecret' }, {}, /^EPHEMERA_TOKEN has/],
])('a server with %s is bad input, in which no token stands', (_what, environment, flags, message) => {
  const ask = () => whereOf(flags, environment);
  expect(ask).toThrow(message);
  expect(ask).not.toThrow(/secret/);
});

test('--context means a cluster, whatever the environment says', () => {
  expect(() => whereOf({ context: 'nowhere' }, { ...server, KUBECONFIG_PATH: '/nowhere/config' })).toThrow(
    /\/nowhere\/config/,
  );
});

test('the next command leads to the same place, ready to be copied', () => {
  expect(nextCommand(['kill', 'sandbox-1'], { context: 'my cluster', namespace: 'a' })).toBe(
    "npx ephemera sandbox kill --namespace a --context 'my cluster' sandbox-1",
  );
  expect(nextCommand(['exec', 'box'], {})).toBe('npx ephemera sandbox exec box');
});
