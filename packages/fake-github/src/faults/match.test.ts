import { expect, test } from 'vitest';
import { matchesDelivery, matchesRequest } from './match.ts';

test.each([
  [{ path: '/repos/*/*/statuses/*' }, 'POST', '/repos/acme/shop/statuses/abc', true],
  [{ path: '/repos/*/*/statuses/*' }, 'POST', '/repos/acme/shop/statuses', false],
  [{ path: '/repos/*/*' }, 'GET', '/repos/acme/shop/pulls', false],
  [{ path: '/repos/**' }, 'GET', '/repos/acme/shop/pulls', true],
  [{ path: '/**' }, 'GET', '/app', true],
  [{ path: '/repos/acme/a.c/pulls' }, 'GET', '/repos/acme/abc/pulls', false],
  [{ path: '/repos/acme/a.c/**/1' }, 'GET', '/repos/acme/a.c/pulls/1', true],
  [{ method: 'POST' as const }, 'POST', '/anything', true],
  [{ method: 'POST' as const }, 'GET', '/anything', false],
  [{ method: 'POST' as const, path: '/app' }, 'POST', '/app/x', false],
  [{ event: 'pull_request' }, 'POST', '/anything', false],
])('%j on %s %s: %s', (match, method, path, expected) => {
  expect(matchesRequest(match, { method, path })).toBe(expected);
});

test.each([
  [{ event: 'pull_request' }, 'pull_request', 'closed', true],
  [{ event: 'pull_request.closed' }, 'pull_request', 'closed', true],
  [{ event: 'pull_request.closed' }, 'pull_request', 'opened', false],
  [{ event: 'ping' }, 'ping', null, true],
  [{ event: 'ping.null' }, 'ping', 'null', true],
  [{ path: '/**' }, 'pull_request', 'closed', false],
])('%j on the event %s.%s: %s', (match, event, action, expected) => {
  expect(matchesDelivery(match, { event, action })).toBe(expected);
});
