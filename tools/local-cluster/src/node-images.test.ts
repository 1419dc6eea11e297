import { expect, test } from 'vitest';
import { digestsByName } from './node-images.ts';

test('the digests of images are read from the table of ctr, whatever else stands in a row', () => {
  const table = [
    'REF                           TYPE                                       DIGEST         SIZE     PLATFORMS   LABELS',
    'docker.io/library/busybox:1   application/vnd.oci.image.manifest.v1+json sha256:aa 900.1 KiB linux/amd64 io.cri-containerd.image=managed',
    'sha256:bb                     application/vnd.oci.image.manifest.v1+json sha256:cc 900.1 KiB linux/amd64 -',
    '',
  ].join('\n');
  expect([...digestsByName(table)]).toEqual([
    ['docker.io/library/busybox:1', 'sha256:aa'],
    ['sha256:bb', 'sha256:cc'],
  ]);
});
