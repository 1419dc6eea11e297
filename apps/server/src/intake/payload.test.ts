import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDelivery } from './payload.ts';

const payload = {
  action: 'opened',
  number: 12,
  repository: { id: 42, full_name: 'acme/shop' },
  installation: { id: 5 },
};

const read = (body: unknown, event = 'pull_request') => readDelivery(event, Buffer.from(JSON.stringify(body)));

test('a pull_request event says where to look', () => {
  expect(read({ ...payload, pull_request: { head: { repo: null } }, sender: null })).toEqual({
    kind: 'pull-request',
    hint: { action: 'opened', prNumber: 12, repositoryId: 42, repositoryFullName: 'acme/shop', installationId: 5 },
  });
});

test.each(['opened', 'reopened', 'synchronize', 'closed', 'edited', 'converted_to_draft', 'ready_for_review'])(
  'the action %s is worth a look',
  (action) => {
    expect(read({ ...payload, action })).toMatchObject({ kind: 'pull-request', hint: { action } });
  },
);

test('a ping is a ping, whatever it holds', () => {
  expect(readDelivery('ping', Buffer.from('zen'))).toEqual({ kind: 'ping' });
});

test('an event that is not about pull requests is ignored, with the reason', () => {
  expect(read({}, 'star')).toEqual({ kind: 'ignored', reason: 'Ephemera has no use for the event star' });
});

test('an action that changes nothing here is ignored, with the reason', () => {
  expect(read({ ...payload, action: 'assigned' })).toEqual({
    kind: 'ignored',
    action: 'assigned',
    reason: 'the action assigned changes nothing here',
  });
});

test.each([[null], [undefined]])(
  'an event without an installation (%s) is ignored, with what to do',
  (installation) => {
    expect(read({ ...payload, installation })).toMatchObject({
      kind: 'ignored',
      action: 'opened',
      reason: expect.stringContaining('GitHub App’s own') as unknown,
    });
  },
);

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('payload=%7B%7D')],
  ['half a document', Buffer.from('{"action":')],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
])('%s is refused: it is not JSON', (_what, body) => {
  expect(readDelivery('pull_request', body)).toEqual({ kind: 'refused', reason: 'the body is not JSON' });
});

test.each([
  ['null', null],
  ['a list', []],
  ['no repository', { ...payload, repository: undefined }],
  ['no repository, but null', { ...payload, repository: null }],
  ['a repository without an id', { ...payload, repository: { full_name: 'acme/shop' } }],
  ['a repository id that is text', { ...payload, repository: { id: '42', full_name: 'acme/shop' } }],
  ['no number', { ...payload, number: undefined }],
  ['number 0', { ...payload, number: 0 }],
  ['a number that the database cannot hold', { ...payload, number: 2 ** 31 }],
  ['a number beyond all integers', { ...payload, number: 1e300 }],
  ['an action that is no text', { ...payload, action: 7 }],
  ['an empty action', { ...payload, action: '' }],
  ['an action with a NUL', { ...payload, action: 'opened\0' }],
  ['an installation that is text', { ...payload, installation: 'x' }],
])('an event with %s is refused, with the field', (_what, body) => {
  expect(read(body)).toMatchObject({
    kind: 'refused',
    reason: expect.stringMatching(/^the body is not a pull_request event: /) as unknown,
  });
});

test.each([
  'shop',
  'acme/shop/x',
  '/shop',
  'acme/',
  'acme/sh op',
  'acme/shop\0',
  'acme/shop\n',
  '../..',
  'acme/..',
  './shop',
  'acme/shop?x=1',
  'acme/shop#x',
  'acme/%2e%2e',
  `acme/${'x'.repeat(101)}`,
])('the repository name %j is refused', (full_name) => {
  expect(read({ ...payload, repository: { id: 42, full_name } })).toMatchObject({ kind: 'refused' });
});

test.each(['acme/shop', 'a-c-m-e/.github', 'acme_corp/Shop.JS', 'acme/-', 'acme/...'])(
  'the repository name %s is taken',
  (full_name) => {
    expect(read({ ...payload, repository: { id: 42, full_name } })).toMatchObject({ kind: 'pull-request' });
  },
);

test('any JSON at all is answered, and no reason holds what the payload said', () => {
  const secret = 'hunter2';
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const reading = read({ ...payload, number: [secret], repository: value });
      expect(reading.kind).toBe('refused');
      expect(JSON.stringify(reading)).not.toContain(secret);
    }),
  );
});

test('JSON that is 10 000 levels deep is refused, before anything parses it', () => {
  const deep = '['.repeat(10_000) + ']'.repeat(10_000);
  const body = Buffer.from(JSON.stringify(payload).replace('{', `{"deep":${deep},`));
  const reason = 'the body is nested more than 100 deep';
  expect(readDelivery('pull_request', body)).toEqual({ kind: 'refused', reason });
});

test('the author of the pull request takes the turn, not who labels it; without one it is the sender', () => {
  const event = { ...payload, pull_request: { user: { id: 7 } }, sender: { id: 8 } };
  expect(read(event)).toMatchObject({ hint: { author: '7' } });
  expect(read({ ...event, pull_request: { user: null } })).toMatchObject({ hint: { author: '8' } });
});

test.each([
  ['a pull request that is text', { pull_request: 'x' }],
  ['a user that is a list', { pull_request: { user: [] } }],
  ['a user whose id is an object', { pull_request: { user: { id: {} } } }],
  ['a sender without an id', { sender: {} }],
])('%s costs the event its author, no more', (_what, change) => {
  const reading = read({ ...payload, ...change });
  expect(reading).toMatchObject({ kind: 'pull-request', hint: { prNumber: 12 } });
  expect(reading).not.toHaveProperty('hint.author');
});

test.each(['renamed', 'transferred', 'deleted'])('a repository that was %s is looked for', (action) => {
  const { number: _number, ...event } = payload;
  expect(read({ ...event, action, sender: { id: 8 } }, 'repository')).toEqual({
    kind: 'repository',
    hint: { action, repositoryId: 42, repositoryFullName: 'acme/shop', installationId: 5, author: '8' },
  });
});

test.each([
  ['installation', 'created'],
  ['installation', 'deleted'],
  ['installation', 'suspend'],
  ['installation', 'unsuspend'],
  ['installation', 'new_permissions_accepted'],
  ['installation_repositories', 'added'],
  ['installation_repositories', 'removed'],
])('the event %s %s leads to a look at the installation', (event, action) => {
  const reading = read({ action, installation: { id: 5 }, repositories: [] }, event);
  expect(reading).toEqual({ kind: 'installation', hint: { action, installationId: 5 } });
});

test.each([
  ['repository', 'privatized'],
  ['repository', 'starred'],
  ['installation', 'opened'],
  ['installation_repositories', 'created'],
])('the event %s %s changes nothing here', (event, action) => {
  expect(read({ ...payload, action }, event)).toMatchObject({ kind: 'ignored', action });
});

test.each(['repository', 'installation', 'installation_repositories'])(
  'an event %s that says nothing is refused, with its name',
  (event) => {
    const reason = expect.stringContaining(`is not a ${event} event`) as unknown;
    expect(read({}, event)).toMatchObject({ kind: 'refused', reason });
  },
);
