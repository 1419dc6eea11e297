import { randomBytes } from 'node:crypto';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { expect } from 'vitest';
import { ephemera, type Finished } from './command.ts';

/** A namespace of a test's own. Disposing removes it with everything in it. */
export interface Place extends AsyncDisposable {
  readonly name: string;
  /** `job VERB …` in this namespace; ends with exit code 0 or fails the test. */
  job(args: readonly string[], input?: string): Promise<Finished>;
  /** All objects in it, as `kind/name`, without what the cluster itself puts into every namespace. */
  contents(): Promise<readonly string[]>;
}

const kinds = 'jobs,pods,secrets,configmaps,persistentvolumeclaims';

/** `made`: it is there already, as for a claim; otherwise the first job makes it. */
export async function place({ made }: { readonly made: boolean }): Promise<Place> {
  const name = `examples-${randomBytes(5).toString('hex')}`;
  if (made) await kubectl(['create', 'namespace', name]);
  const inside = ['--set', `spec.namespace=${name}`, ...(made ? [] : ['--set', 'spec.createNamespace=true'])];
  return {
    name,
    job: async (args, input) => {
      const finished = await ephemera(['job', ...args, ...inside], input);
      expect(finished.code, finished.stderr).toBe(0);
      return finished;
    },
    contents: async () => {
      const listed = await kubectl(['get', kinds, '-n', name, '-o', 'name']);
      return listed.split('\n').filter((object) => object !== '' && object !== 'configmap/kube-root-ca.crt');
    },
    [Symbol.asyncDispose]: async () => {
      await kubectl(['delete', 'namespace', name, '--ignore-not-found', '--timeout', '120s']);
    },
  };
}

export async function namespaceExists(name: string): Promise<boolean> {
  return (await kubectl(['get', 'namespace', name, '--ignore-not-found', '-o', 'name'])) !== '';
}

/** A namespace of a test's own, that is there. Disposing removes it with everything in it. */
export async function borrowNamespace(
  labels: Readonly<Record<string, string>> = {},
): Promise<{ readonly name: string } & AsyncDisposable> {
  const name = `examples-${randomBytes(5).toString('hex')}`;
  await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  return {
    name,
    [Symbol.asyncDispose]: async () => {
      await kubectl(['delete', 'namespace', name, '--ignore-not-found', '--timeout', '120s']);
    },
  };
}
