import { expect, test } from 'vitest';
import { kubernetesJob } from '../../../test/kubernetes-job.ts';
import { labelsOf } from './labels.ts';
import { namespaceOf } from './namespace.ts';

test('the namespace is made only where createNamespace asks for it, with the labels of the job', () => {
  const asked = kubernetesJob({ spec: { createNamespace: true } });

  expect(namespaceOf(asked)).toStrictEqual({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'batch', labels: labelsOf(asked) },
  });
  expect(namespaceOf(kubernetesJob({ spec: { createNamespace: false } }))).toBeUndefined();
});
