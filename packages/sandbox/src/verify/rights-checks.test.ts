import { expect, test } from 'vitest';
import { managerRules } from '../rights/rules.ts';
import { checkNeeded, checkNothingElse } from './rights-checks.ts';

const needed = managerRules.flatMap(({ group, resource, verbs }) =>
  verbs.map((verb) => ({ right: { verb, group, resource, namespace: 'builds' }, wanted: true, allowed: true })),
);
const refused = { right: { verb: 'delete', group: '', resource: 'nodes' }, wanted: false, allowed: false };

test('all that is needed and nothing else is fine', () => {
  const rights = { answers: [...needed, refused], unknown: [] };
  expect(checkNeeded(rights, 'builds').ok).toBe(true);
  expect(checkNothingElse(rights, 'ci-fixer-app').ok).toBe(true);
});

test('a right too few is named', () => {
  const answers = needed.map((answer, index) => ({ ...answer, allowed: index !== 0 }));
  expect(checkNeeded({ answers, unknown: [] }, 'builds')).toMatchObject({
    ok: false,
    detail: 'may not create jobs.batch in builds',
  });
});

test('a right too many is named, with what the API server says gives it', () => {
  const extra = { ...refused, allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "admins"' };
  expect(checkNothingElse({ answers: [...needed, extra], unknown: [] }, 'ci-fixer-app')).toMatchObject({
    ok: false,
    detail: 'may also delete nodes in the whole cluster',
    hint: expect.stringContaining('ClusterRoleBinding "admins"'),
  });
});

test('what the API server says stands between quotes, so that a hint that is copied runs nothing of it', () => {
  const extra = { ...refused, allowed: true, reason: `it's "x"; $(reboot)` };
  const { hint = '' } = checkNothingElse({ answers: [...needed, extra], unknown: [] }, 'ci-fixer-app');
  expect(hint).toBe(`Remove what gives it. The API server says: 'it'\\''s "x"; $(reboot)'`);
});

test('what could not be asked about never reads as nothing', () => {
  expect(checkNothingElse({ answers: [refused], unknown: ['the API example.com/v1'] }, 'x')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('the API example.com/v1'),
  });
  expect(checkNothingElse({ answers: [], unknown: [] }, 'x').ok).toBe(false);
  expect(checkNeeded({ answers: [], unknown: [] }, 'builds').ok).toBe(false);
});
