import { expect, test } from 'vitest';
import { kubernetesJob } from '../../../test/kubernetes-job.ts';
import { configMapsOf } from './config-maps.ts';
import { labelsOf } from './labels.ts';

test('each entry of spec.configMaps becomes one ConfigMap of its name, with its content under that name', () => {
  const job = kubernetesJob({ spec: { configMaps: { 'run.sh': '#!/bin/sh\r\n\techo "$1"\n', empty: '' } } });

  const configMap = (name: string, content: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'batch', labels: labelsOf(job) },
    data: { [name]: content },
  });
  expect(configMapsOf(job)).toStrictEqual([configMap('empty', ''), configMap('run.sh', '#!/bin/sh\r\n\techo "$1"\n')]);
});

test('a job without configMaps makes none', () => {
  expect(configMapsOf(kubernetesJob())).toEqual([]);
});
