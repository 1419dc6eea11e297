import { randomBytes } from 'node:crypto';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { rightsObjects } from '../../src/rights/index.ts';

/** A namespace of its own with the accounts, the Role and the binding in it. */
export interface RightsNamespace extends AsyncDisposable {
  readonly name: string;
}

export async function startRightsNamespace(what: string): Promise<RightsNamespace> {
  const name = `sandbox-${what}-${randomBytes(4).toString('hex')}`;
  const { accounts, role, binding } = rightsObjects(name);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  const items = [namespace, ...accounts, role, binding];
  await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  return {
    name,
    [Symbol.asyncDispose]: async () => {
      await kubectl(['delete', 'namespace', name, '--ignore-not-found', '--timeout=110s']);
    },
  };
}
