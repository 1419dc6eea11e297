import { expect, test } from 'vitest';
import { orderOf } from './order.ts';

const nothing = { dns: false, userNamespace: false };

test('what is not said is left to whoever makes the sandbox', () => {
  expect(orderOf('busybox:1', nothing, undefined)).toEqual({ image: 'busybox:1' });
});

test('each flag becomes its option', () => {
  const flags = {
    name: 'box',
    cpu: '500m',
    memory: '64Mi',
    disk: '1Gi',
    lifetime: 60_000,
    startTimeout: 5_000,
    user: 0,
    dns: true,
    allow: ['10.0.0.0/8', '203.0.113.0/24'],
    runtimeClass: 'gvisor',
    userNamespace: true,
    serviceAccount: 'nobody',
  };
  expect(orderOf('busybox:1', flags, { A: '1' })).toEqual({
    image: 'busybox:1',
    name: 'box',
    env: { A: '1' },
    resources: { limits: { cpu: '500m', memory: '64Mi' } },
    disk: { size: '1Gi' },
    timeoutMs: 60_000,
    startTimeoutMs: 5_000,
    user: 0,
    network: { dns: true, allow: [{ cidr: '10.0.0.0/8' }, { cidr: '203.0.113.0/24' }] },
    runtimeClassName: 'gvisor',
    hostUsers: false,
    serviceAccountName: 'nobody',
  });
});
