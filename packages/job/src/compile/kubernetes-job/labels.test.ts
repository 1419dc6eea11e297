import { expect, test } from 'vitest';
import { kubernetesJob } from '../../../test/kubernetes-job.ts';
import { compileJob } from './compile-job.ts';
import type { JobMetadata } from './kubernetes-job.ts';
import { labelsOf } from './labels.ts';

const of = (metadata: Partial<JobMetadata>) => labelsOf(kubernetesJob({ metadata }));

const always = {
  'project-planton.org/resource': 'true',
  'project-planton.org/resource-name': 'nightly',
  'project-planton.org/resource-kind': 'KubernetesJob',
};

test('a job is marked by name and kind; id, organization and environment only where they are set', () => {
  expect(of({})).toStrictEqual(always);
  expect(of({ id: '', org: '', env: '' })).toStrictEqual(always);
  expect(of({ id: 'k8sjob-1', org: 'acme', env: 'prod' })).toStrictEqual({
    ...always,
    'project-planton.org/resource-id': 'k8sjob-1',
    'project-planton.org/organization': 'acme',
    'project-planton.org/environment': 'prod',
  });
});

test('labels of the user come first, in their order', () => {
  const labels = of({ labels: { team: 'data', app: 'nightly', 'project-planton.org/provisioner': 'pulumi' } });

  expect(Object.entries(labels)).toEqual([
    ['team', 'data'],
    ['app', 'nightly'],
    ['project-planton.org/provisioner', 'pulumi'],
    ...Object.entries(always),
  ]);
});

test('no label of the user passes for one of ours, not even for one that this job does not have', () => {
  const spoofed = {
    'project-planton.org/resource-name': 'other',
    'project-planton.org/resource-id': 'k8sjob-other',
    'project-planton.org/organization': 'other',
  };

  expect(of({ labels: spoofed })).toStrictEqual(always);
});

test('everything that a job makes carries the same labels, its pods too', () => {
  const job = kubernetesJob({
    metadata: { id: 'k8sjob-1', org: 'acme', env: 'prod', labels: { team: 'data' } },
    spec: {
      createNamespace: true,
      configMaps: { one: '1', two: '2' },
      env: { secrets: [{ name: 'API_KEY', value: 'k-123' }] },
    },
  });

  const compiled = compileJob(job, { dockerConfigJson: '{"auths":{}}' });

  const metadata = [...compiled.objects.map((object) => object.metadata), compiled.job.spec.template.metadata];
  expect(metadata.map((each) => each?.labels)).toStrictEqual(Array(7).fill(labelsOf(job)));
});
