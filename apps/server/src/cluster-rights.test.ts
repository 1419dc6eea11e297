import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesOf } from '@ephemera/pull-request-pod';
import { expect, test } from 'vitest';
import { guardRoleRules, prJobRights, prJobRoleRules } from './cluster-rights.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const rightsOf = (rules: readonly Rule[]): string[] =>
  rules
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    )
    .toSorted();

/** The rules of the Role or ClusterRole of that name in the documentation. */
function documented(name: string): Rule[] {
  const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'operations.md'), 'utf8');
  const block = page.split('```').find((text) => text.includes(`  name: ${name}\n`)) ?? '';
  const rule = /- apiGroups: (\[.*\])\n\s+resources: (\[.*\])\n\s+verbs: (\[.*\])/g;
  return [...block.matchAll(rule)].map((match) => {
    const [apiGroups = [], resources = [], verbs = []] = match.slice(1).map((list) => JSON.parse(list) as string[]);
    return { apiGroups, resources, verbs };
  });
}

test('the Role for pull-request jobs in the documentation gives what the server needs there, and nothing else', () => {
  expect(rightsOf(documented('ephemera-pull-request-jobs'))).toEqual(rightsOf(prJobRoleRules));
  expect(
    prJobRights('builds')
      .map(({ verb, group, resource }) => `${verb} ${group}/${resource}`)
      .toSorted(),
  ).toEqual(rightsOf(prJobRoleRules));
});

test('the ClusterRole for their guard in the documentation is the one that is needed', () => {
  expect(rightsOf(documented('ephemera-pull-request-job-guard'))).toEqual(rightsOf(guardRoleRules));
});

test.each(['seed', 'minimal'] as const)(
  'the server holds itself whatever it grants to jobs of the profile %s',
  (profile) => {
    const held = new Set(rightsOf(prJobRoleRules));
    expect(rightsOf(rulesOf(profile)).filter((right) => !held.has(right))).toEqual([]);
  },
);
