import type { KubeObject } from '@ephemera/model';
import { expect, test } from 'vitest';
import { builderLabels, jobLabels } from '../../objects/labels.ts';
import { disown } from './disown.ts';
import { accountPart, builderPart, claimPart, configMapPart, jobPart, podPart, secretPart, tokenPart } from './part.ts';

const target = { name: 'a', namespace: 'n', instance: 'one' };
const job = 'pr-job-a-1767225600000';
const mine = builderLabels(target);
const theirs = builderLabels({ name: 'a', instance: 'two' });
const nobodys = builderLabels({ name: 'a' });

const object = (name: string, labels: Readonly<Record<string, string>> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name, namespace: 'n', uid: name, labels },
});
const whose = (part: ReturnType<typeof jobPart>) =>
  part && [typeof part.whose === 'string' ? part.whose : 'others', part.jobName];
const deployment = builderPart('apps/v1/Deployment');

test.each([
  ['with our labels', object(job, mine), ['ours', job]],
  ['without labels, called like a Job', object(job), ['unmarked', job]],
  ['with labels that have nothing to do with it', object(job, { app: job }), ['unmarked', job]],
  ['with our labels and another name', object('x', mine), ['ours', undefined]],
  ['of another server', object(job, theirs), ['others', job]],
  ['of another server, with another name', object('x', theirs), ['others', undefined]],
  ['of no server', object(job, nobodys), ['others', job]],
  ['of another name, called like our Job', object(job, builderLabels({ name: 'b', instance: 'one' })), ['others', job]],
  ['called like a Job of a longer name', object('pr-job-a-b-1767225600000'), undefined],
  ['called like a Job of the name that our Job’s name is', object(`pr-job-${job}-1767225600000`), undefined],
  ['with a digit more', object(`${job}0`), undefined],
  ['of another name', object('x', builderLabels({ name: 'b', instance: 'one' })), undefined],
])('a Deployment %s', (_what, found, expected) => {
  expect(whose(deployment(target, found))).toEqual(expected);
});

test.each([
  [`${job}-config`, ['unmarked', job]],
  [`${job}-config-1`, ['unmarked', job]],
  [`${job}-configuration`, undefined],
  [`${job}-config-1-config`, undefined],
  [`${job}-config-1767225600000`, undefined],
  [job, undefined],
  [`x-${job}-config`, undefined],
  ['pr-job-a-b-1767225600000-config', undefined],
  [`${job}-1767225600000-config`, undefined],
])('a ConfigMap called %s', (name, expected) => {
  expect(whose(configMapPart(target, object(name)))).toEqual(expected);
});

test.each([
  [`buildkitd-${job}-0`, ['unmarked', job]],
  [`buildkitd-${job}-12`, ['unmarked', job]],
  [`buildkitd-${job}`, undefined],
  [`buildkitd-${job}-1767225600000-0`, undefined],
  [`data-${job}-0`, undefined],
])('a claim called %s', (name, expected) => {
  expect(whose(claimPart(target, object(name)))).toEqual(expected);
});

test.each([
  ['of our Job', { ...jobLabels('a'), ...mine, 'batch.kubernetes.io/job-name': job }, ['ours', job]],
  ['of our builder', { ...mine, app: job }, ['ours', job]],
  ['of a builder without labels', { app: job }, ['unmarked', job]],
  ['of another server’s Job', { ...theirs, 'batch.kubernetes.io/job-name': job }, ['others', job]],
  [
    'of a Job of somebody else that is called like ours',
    { app: 'web', 'batch.kubernetes.io/job-name': job },
    undefined,
  ],
  ['of somebody else', { app: 'web' }, undefined],
])('a pod %s', (_what, labels, expected) => {
  expect(whose(podPart(target, object('pod', labels)))).toEqual(expected);
});

test('Jobs, Secrets and the account are told by all their labels', () => {
  const jobMarks = { ...jobLabels('a'), 'ephemera.dev/instance': 'one' };
  expect(whose(jobPart(target, object(job, jobMarks)))).toEqual(['ours', job]);
  expect(whose(jobPart(target, object(job, mine)))).toEqual(['others', job]);
  expect(whose(secretPart(target, object(`${job}-repository`, jobMarks)))).toEqual(['ours', job]);
  expect(whose(accountPart('v1/ServiceAccount')(target, object('a-buildx-sa')))).toEqual(['others', undefined]);
  expect(whose(tokenPart(target, object('token', { team: 'x' })))).toEqual(['unmarked', undefined]);
});

test('what has no marks is somebody else’s where its Job is, or the account of its name', () => {
  const unmarked = deployment(target, object(job));
  const other = deployment(target, object('pr-job-a-1767225600001'));
  const foreignJob = jobPart(target, object(job, theirs));
  const foreignAccount = accountPart('v1/ServiceAccount')(target, object('a-buildx-sa'));
  const of = (...parts: readonly (typeof unmarked)[]) =>
    disown(parts.filter((part) => part !== undefined))
      .slice(0, 2)
      .map((part) => whose(part)?.[0]);
  expect(of(unmarked, other)).toEqual(['unmarked', 'unmarked']);
  expect(of(unmarked, other, foreignJob)).toEqual(['others', 'unmarked']);
  expect(of(unmarked, other, foreignAccount)).toEqual(['others', 'others']);
});
