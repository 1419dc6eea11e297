import { expect, test } from 'vitest';
import { environmentRow } from '../../test/environment-row.ts';
import { environmentPage, unknownHostPage } from './environment-page.ts';

test.each([
  ['ready', 200],
  ['pending', 503],
  ['provisioning', 503],
  ['updating', 503],
  ['failed', 503],
  ['destroying', 410],
  ['destroyed', 410],
] as const)('the address of a %s environment answers %i', (status, http) => {
  const answer = environmentPage(environmentRow({ status }));
  expect(answer.status).toBe(http);
  expect(answer.body).toContain(`<title>#12 · ${status}</title>`);
});

test('an address that nobody has answers 404', () => {
  expect(unknownHostPage().status).toBe(404);
});

test.each(['pending', 'provisioning', 'updating'] as const)(
  'the page of a %s environment reloads by itself',
  (status) => {
    const { headers, body } = environmentPage(environmentRow({ status }));
    expect(headers['retry-after']).toBe('2');
    expect(body).toContain('http-equiv="refresh" content="2"');
  },
);

test.each(['ready', 'failed', 'destroying', 'destroyed'] as const)('the page of a %s environment stays', (status) => {
  const { headers, body } = environmentPage(environmentRow({ status }));
  expect(headers['retry-after']).toBeUndefined();
  expect(body).not.toContain('http-equiv');
});

test('the page names pull request, title, branch, commit and namespace', () => {
  const { body, headers } = environmentPage(environmentRow());
  for (const part of ['acme/shop #12', 'Add a cart', 'feat/cart', '>aaaaaaa<', 'pr-12-shop-0123456789'])
    expect(body).toContain(part);
  expect(headers['x-ephemera-commit']).toBe('a'.repeat(40));
});

test('a hostile title, branch or repository name is shown as text', () => {
  const hostile = `"><script>alert('x')</script>&amp;`;
  const { body } = environmentPage(
    environmentRow({ prTitle: hostile, branchName: hostile, repositoryFullName: hostile }),
  );
  expect(body).not.toContain('<script');
  expect(body.match(/&quot;&gt;&lt;script&gt;alert\(&#39;x&#39;\)&lt;\/script&gt;&amp;amp;/g)).toHaveLength(3);
});

test('a pull request without a title gets no line for one', () => {
  expect(environmentPage(environmentRow({ prTitle: null })).body).not.toContain('<dt>Title</dt>');
});
