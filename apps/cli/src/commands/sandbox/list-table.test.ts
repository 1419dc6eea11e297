import { expect, test } from 'vitest';
import { commandTable, listTable } from './list-table.ts';

const info = {
  id: 'sandbox-0000000001',
  image: 'busybox:1',
  namespace: 'default',
  state: 'running',
  createdAt: '2026-01-01T10:00:00Z',
  expiresAt: '2026-01-01T10:30:00.123Z',
  metadata: {},
} as const;

test('sandboxes are listed newest first, with the reason of those that ended', () => {
  const later = { ...info, id: 'sandbox-0000000002', name: 'box', createdAt: '2026-01-01T11:00:00Z' } as const;
  expect(listTable([info, { ...later, state: 'ended', reason: 'it is over' }])).toBe(
    [
      'ID                  NAME  IMAGE      STATE              UNTIL',
      'sandbox-0000000002  box   busybox:1  ended: it is over  2026-01-01 10:30:00 UTC',
      'sandbox-0000000001        busybox:1  running            2026-01-01 10:30:00 UTC',
    ].join('\n'),
  );
});

test('what a terminal would obey in names and arguments of others is left out', () => {
  const argv = ['sh', '-c', 'echo \u001b[31m\nred'];
  const text = commandTable([{ id: 'ab', argv, state: 'ended', startedAt: '2026-01-01T10:00:00Z', exitCode: 3 }]);
  expect(text).toBe(
    [
      'COMMAND  STATE         STARTED                  ARGUMENTS',
      'ab       ended with 3  2026-01-01 10:00:00 UTC  sh -c echo  red',
    ].join('\n'),
  );
});
