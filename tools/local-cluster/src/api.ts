import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import type { Layout } from './layout.ts';

/** Just enough of a client to ask the API server how it is; undefined when it does not answer as hoped. */
export async function ask<Answer>(layout: Layout, port: number, path: string): Promise<Answer | undefined> {
  try {
    const [ca, cert, key] = await Promise.all(
      ['ca.crt', 'admin.crt', 'admin.key'].map((file) => readFile(join(layout.certificates, file))),
    );
    const text = await get({ host: '127.0.0.1', port, path, ca, cert, key, agent: false });
    return JSON.parse(text) as Answer;
  } catch {
    return undefined;
  }
}

const timeoutMs = 3000;

function get(options: object): Promise<string> {
  return new Promise((done, refuse) => {
    const sent = request({ ...options, signal: AbortSignal.timeout(timeoutMs) }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (text += part)).on('error', refuse);
      answer.on('end', () => (answer.statusCode === 200 ? done(text) : refuse(new Error(String(answer.statusCode)))));
    });
    sent.on('error', refuse).end();
  });
}

interface Node {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export async function nodeIsReady(layout: Layout, port: number): Promise<boolean> {
  const node = await ask<Node>(layout, port, `/api/v1/nodes/${layout.node}`);
  return node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

/** A pod is refused as long as its namespace has no account, which appears a moment after the API server. */
export async function takesPods(layout: Layout, port: number): Promise<boolean> {
  if (!(await nodeIsReady(layout, port))) return false;
  return (await ask(layout, port, '/api/v1/namespaces/default/serviceaccounts/default')) !== undefined;
}

export async function versionOf(layout: Layout, port: number): Promise<string | undefined> {
  return (await ask<{ readonly gitVersion: string }>(layout, port, '/version'))?.gitVersion;
}
