import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectCluster, instanceOwner } from '@ephemera/kube';
import { expect, test } from 'vitest';
import { jobLogs } from './job-logs.ts';

/** How the log of one pod is answered; `previous` is what is asked for. */
type Answer = (response: ServerResponse, previous: boolean) => void;

const text =
  (current: string, previous = ''): Answer =>
  (response, isPrevious) =>
    response.end(isPrevious ? previous : current);

const refusal =
  (code: number, reason: string): Answer =>
  (response) =>
    response
      .writeHead(code, { 'content-type': 'application/json', 'audit-id': 'one' })
      .end(JSON.stringify({ kind: 'Status', code, reason, message: 'dial tcp: the node does not answer' }));

const at = (second: number, line: string): string => `2026-11-21T16:41:0${second}.000000000Z ${line}\n`;

interface Given {
  readonly answer: Answer;
  readonly restartCount?: number;
}

/** Reads the logs of a Job whose pods are these, from a real HTTP server. */
async function read(pods: readonly Given[]) {
  const items = pods.map(({ restartCount = 0 }, index) => ({
    metadata: { name: `p${index}`, uid: `p${index}`, creationTimestamp: `2026-11-21T16:41:0${index}Z` },
    spec: { restartPolicy: 'OnFailure', containers: [{ name: 'main' }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'main', restartCount, state: { running: {} } }] },
  }));
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server');
    const [, index] = /p(\d)\/log$/.exec(pathname) ?? [];
    if (index !== undefined) return pods[Number(index)]?.answer(response, searchParams.get('previous') === 'true');
    response.setHeader('content-type', 'application/json').setHeader('audit-id', 'one');
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'a', namespace: 'shop', uid: 'u' }, spec: {} };
    response.end(JSON.stringify(pathname.endsWith('/pods') ? { metadata: { resourceVersion: '1' }, items } : job));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const access = { name: 'test', source: 'a test', server: url, skipTlsVerify: false, identity: async () => ({}) };
  const lines: string[] = [];
  const warnings: string[] = [];
  try {
    await using cluster = await connectCluster(access, instanceOwner('test'));
    const onLine = ({ pod, line }: { readonly pod: string; readonly line: string }) =>
      void lines.push(`${pod} ${line}`);
    await jobLogs(
      cluster,
      { namespace: 'shop', name: 'a' },
      { onLine, onWarning: (warning) => warnings.push(warning) },
    );
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
  return { lines, warnings };
}

test('a node that does not answer costs its own logs and no others', async () => {
  const dead = { answer: refusal(500, 'InternalError') };
  const { lines, warnings } = await read([{ answer: text(at(1, 'one')) }, dead, { answer: text(at(2, 'two')) }]);
  expect(lines).toEqual(['p0 one', 'p2 two']);
  expect(warnings).toEqual([expect.stringMatching(/main in Pod p1 cannot be read.*does not answer/)]);
});

test('where no log can be read at all the reading fails, and a right that is missing is no matter of one pod', async () => {
  await expect(read([{ answer: refusal(500, 'InternalError') }])).rejects.toMatchObject({ code: 'kube.unavailable' });
  await expect(read([{ answer: text(at(1, 'one')) }, { answer: refusal(403, 'Forbidden') }])).rejects.toMatchObject({
    code: 'kube.forbidden',
  });
});

test('what a node says in place of a log is a warning, no line of the container', async () => {
  const { lines, warnings } = await read([{ answer: text('unable to retrieve container logs for containerd://one') }]);
  expect(lines).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('unable to retrieve')]);
});

test('the run before the last restart is read too, and that there were earlier ones is said', async () => {
  const answer = text(at(3, 'second'), at(1, 'first'));
  expect(await read([{ answer, restartCount: 1 }])).toEqual({ lines: ['p0 first', 'p0 second'], warnings: [] });
  const { lines, warnings } = await read([{ answer, restartCount: 3 }]);
  expect(lines).toEqual(['p0 first', 'p0 second']);
  expect(warnings).toEqual([expect.stringContaining('Earlier runs of main in Pod p0')]);
});
