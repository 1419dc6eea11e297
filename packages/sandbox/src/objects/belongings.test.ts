import type { Job } from '@ephemera/model';
import { expect, test } from 'vitest';
import { checkOptions } from '../options/check-options.ts';
import { neverReachable } from '../options/network.ts';
import { isWithin, rangeOf } from '../options/range.ts';
import type { SandboxNetwork } from '../sandbox-options.ts';
import { networkPolicy, runnerConfig } from './belongings.ts';

const job: Job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'sandbox-0123456789', namespace: 'shop', uid: 'u-1' },
  spec: { template: { spec: { containers: [] } } },
};
const owners = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'sandbox-0123456789', uid: 'u-1', controller: true }];

interface Rule {
  readonly to: readonly { readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] } }[];
  readonly ports?: readonly object[];
}
const policyOf = (network?: SandboxNetwork) => {
  const policy = networkPolicy(job, checkOptions(network === undefined ? {} : { network }).network);
  return {
    ...policy,
    spec: policy['spec'] as {
      ingress: readonly object[];
      egress: readonly Rule[];
      policyTypes: string[];
      podSelector: object;
    },
  };
};

test('by default nothing gets in or out of a sandbox', () => {
  expect(policyOf().spec).toEqual({
    podSelector: { matchLabels: { app: 'ci-fixer-sandbox', 'job-id': 'sandbox-0123456789' } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [],
    egress: [],
  });
});

test('names are looked up at the DNS of the cluster, and nowhere else, where that is asked for', () => {
  expect(policyOf({ dns: true }).spec.egress).toEqual([
    {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ],
      ports: [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 53 },
      ],
    },
  ]);
});

test.each([
  '169.254.169.254/32',
  'fd00:ec2::254/128',
  'fe80::1/128',
  '100.100.100.200/32',
  '168.63.129.16/32',
  'fd00:ec2::253/128',
  '64:ff9b::a9fe:a9fe/128',
  '64:ff9b::6464:64c8/128',
  '64:ff9b::a83f:8110/128',
])('the metadata address %s stays excluded when everything is allowed', (address) => {
  const { egress } = policyOf({ allow: [{ cidr: '0.0.0.0/0' }, { cidr: '::/0' }] }).spec;
  const inner = rangeOf(address);
  const blocks = egress.flatMap(({ to }) => to.map(({ ipBlock }) => ipBlock));
  const containing = blocks.filter((block) => {
    const outer = rangeOf(block?.cidr ?? '');
    return inner && outer && isWithin(inner, outer);
  });
  expect(containing).toHaveLength(1);
  const holes = containing[0]?.except?.map(rangeOf) ?? [];
  expect(holes.some((hole) => inner && hole && isWithin(inner, hole))).toBe(true);
});

test('every range that is never reachable is a legal part of what it is taken out of', () => {
  for (const text of neverReachable) expect([text, rangeOf(text)]).not.toContain(undefined);
});

test('a range that has no metadata address in it is allowed as it was given', () => {
  const { egress } = policyOf({ allow: [{ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'], ports: [443, 5432] }] }).spec;
  expect(egress).toEqual([
    {
      to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }],
      ports: [
        { protocol: 'TCP', port: 443 },
        { protocol: 'TCP', port: 5432 },
      ],
    },
  ]);
});

test('the runner travels as it is, in an object that nobody can change and that goes with the Job', () => {
  const config = runnerConfig(job, Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 255));
  expect(config).toMatchObject({
    metadata: { name: 'sandbox-0123456789-runner', namespace: 'shop', ownerReferences: owners },
    immutable: true,
    binaryData: { runner: 'f0VMRgD/' },
  });
  expect(policyOf().metadata).toMatchObject({ name: 'sandbox-0123456789', ownerReferences: owners });
});
