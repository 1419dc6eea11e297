import { expect, test } from 'vitest';
import { matrixQuestions, rightText } from './matrix.ts';

const resource = (group: string, name: string, namespaced: boolean) => ({
  group,
  resource: name,
  namespaced,
  verbs: [],
});
const resources = [
  resource('batch', 'jobs', true),
  resource('', 'pods/exec', true),
  resource('', 'nodes', false),
  resource('authorization.k8s.io', 'selfsubjectaccessreviews', false),
];
const rules = [{ group: 'batch', resource: 'jobs', verbs: ['create'], because: '' }];
const questions = matrixQuestions({ resources, rules, namespace: 'builds' });
const asked = questions.map(({ right, wanted }) => `${wanted ? 'yes' : 'no'}: ${rightText(right)}`);

test('every verb is asked about every resource: here for what is in namespaces, in the whole cluster for what is in none', () => {
  for (const verb of ['get', 'list', 'watch', 'update', 'patch', 'delete', 'deletecollection']) {
    expect(asked).toContain(`no: ${verb} jobs.batch in builds`);
    expect(asked).toContain(`no: ${verb} pods/exec in builds`);
    expect(asked).toContain(`no: ${verb} nodes in the whole cluster`);
  }
});

test('a right of the rules is wanted here and in no other namespace', () => {
  expect(asked.filter((line) => line.includes('create jobs.batch'))).toEqual([
    'yes: create jobs.batch in builds',
    'no: create jobs.batch in the whole cluster',
  ]);
  expect(asked.filter((line) => line.startsWith('yes'))).toHaveLength(1);
});

test('the verbs that give away rights are asked about, and what everybody may ask about oneself is not', () => {
  expect(asked).toContain('no: escalate roles.rbac.authorization.k8s.io in builds');
  expect(asked).toContain('no: bind clusterroles.rbac.authorization.k8s.io in the whole cluster');
  expect(asked).toContain('no: impersonate users in the whole cluster');
  expect(asked).not.toContain('no: create selfsubjectaccessreviews.authorization.k8s.io in the whole cluster');
  expect(asked).toContain('no: delete selfsubjectaccessreviews.authorization.k8s.io in the whole cluster');
});
