import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findAccess, type ClusterAccess } from '@ephemera/kube';
import type { Properties } from '@ephemera/pulumi-cli/provider';
import { pathOf, type KubernetesObject } from './object.ts';

const requestTimeoutMs = 30_000;

export interface Api {
  /** The object as the API server has it, or undefined. */
  get(object: KubernetesObject): Promise<KubernetesObject | undefined>;
  /** Server-side apply. A dry run changes nothing and returns what would be. */
  apply(object: KubernetesObject, options: { fieldManager: string; dryRun: boolean }): Promise<KubernetesObject>;
  /** False when there was nothing to delete. */
  remove(object: KubernetesObject): Promise<boolean>;
}

/** What the API server refused, in its own words. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Finds the cluster as the real provider does: `kubeconfig` is the text of one or its path; else the environment decides. */
export function openApi({ kubeconfig, context }: Properties): Api {
  const named = typeof context === 'string' ? context : undefined;
  const access = typeof kubeconfig === 'string' ? accessOf(kubeconfig, named) : findAccess({ context: named });
  const send = sender(access);
  return {
    get: (object) => orNothing(send('GET', pathOf(object))),
    apply: (object, { fieldManager, dryRun }) => {
      const query = new URLSearchParams({ fieldManager, ...(dryRun ? { dryRun: 'All' } : {}) });
      return send('PATCH', `${pathOf(object)}?${query.toString()}`, object);
    },
    remove: async (object) => {
      const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' };
      return (await orNothing(send('DELETE', pathOf(object), options))) !== undefined;
    },
  };
}

function accessOf(kubeconfig: string, context: string | undefined): ClusterAccess {
  if (!/[\n{]/.test(kubeconfig)) return findAccess({ kubeconfigPath: kubeconfig, context });
  const folder = mkdtempSync(join(tmpdir(), 'stand-in-'));
  try {
    const kubeconfigPath = join(folder, 'kubeconfig');
    writeFileSync(kubeconfigPath, kubeconfig, { mode: 0o600 });
    return findAccess({ kubeconfigPath, context });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function orNothing<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return undefined;
    throw error;
  }
}

type Send = (method: string, path: string, body?: object) => Promise<KubernetesObject>;

function sender(access: ClusterAccess): Send {
  const agent = new Agent({ keepAlive: true });
  return async (method, path, body) => {
    const { certificate, key, authorization } = await access.identity();
    const content = body === undefined ? '' : JSON.stringify(body);
    const outgoing = request(new URL(path, `${access.server}/`), {
      method,
      agent,
      ca: access.certificateAuthority,
      cert: certificate,
      key,
      rejectUnauthorized: !access.skipTlsVerify,
      signal: AbortSignal.timeout(requestTimeoutMs),
      headers: {
        accept: 'application/json',
        // JSON is YAML.
        'content-type': method === 'PATCH' ? 'application/apply-patch+yaml' : 'application/json',
        // Node does not say it for DELETE, and the content would be taken for the next request.
        'content-length': Buffer.byteLength(content),
        ...(authorization === undefined ? {} : { authorization }),
      },
    });
    const answered = new Promise<{ status: number; body: string }>((resolve, reject) => {
      outgoing.once('error', reject);
      outgoing.once('response', (response) => {
        text(response).then((got) => resolve({ status: response.statusCode ?? 0, body: got }), reject);
      });
    });
    outgoing.end(content);
    const { status, body: got } = await answered;
    if (status >= 300) throw new Refused(status, messageOf(got) ?? `${method} ${path} was answered with ${status}`);
    return JSON.parse(got) as KubernetesObject;
  };
}

function messageOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { message?: string }).message;
  } catch {
    return undefined;
  }
}
