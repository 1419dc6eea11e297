import { expect, test } from 'vitest';
import { apiUrlOf, manifestOf, registrationUrl } from './manifest.ts';
import { messagePage, startPage } from './page.ts';

const redirectUrl = 'http://127.0.0.1:4000/done';

test('the App asks for the least permissions and for the events that count', () => {
  expect(manifestOf({ name: 'ours', publicUrl: 'https://ephemera.example.com', redirectUrl })).toEqual({
    name: 'ours',
    url: 'https://ephemera.example.com',
    hook_attributes: { url: 'https://ephemera.example.com/webhooks/github', active: true },
    redirect_url: redirectUrl,
    public: false,
    default_permissions: { metadata: 'read', pull_requests: 'write', statuses: 'write', checks: 'write' },
    default_events: ['pull_request', 'repository'],
  });
});

test('without a public address the webhook is made and not switched on', () => {
  expect(manifestOf({ name: 'ours', publicUrl: undefined, redirectUrl })).toMatchObject({
    hook_attributes: { active: false },
  });
});

test('the App is registered for the person, or for the organization', () => {
  expect(registrationUrl('https://github.com', undefined, 's')).toBe('https://github.com/settings/apps/new?state=s');
  expect(registrationUrl('https://github.com', 'acme', 's')).toBe(
    'https://github.com/organizations/acme/settings/apps/new?state=s',
  );
});

test.each([
  ['https://github.com', 'https://api.github.com'],
  ['https://github.example.com', 'https://github.example.com/api/v3'],
])('the API of %s is %s', (pages, api) => {
  expect(apiUrlOf(pages)).toBe(api);
});

test('nothing in a page can become markup', () => {
  const page = startPage('https://github.com/"><script>', { name: '"><script>' }) + messagePage('<b>', '<script>');
  expect(page).not.toContain('<script>');
  expect(page).not.toContain('<b>');
});
