import type { KubeObject } from '@ephemera/model';
import type { CheckedOrder, CheckedRepository } from './checked-order.ts';
import { instanceMark, jobLabels } from './labels.ts';
import { repositorySecretName } from './names.ts';

/** The keys of the Secret, which are the names of the files in the job. */
export const secretKeys = { token: 'token', dockerConfig: 'config.json' } as const;

export interface RepositorySecret extends KubeObject {
  readonly type: 'Opaque';
  readonly immutable: true;
  readonly stringData: Readonly<Record<string, string>>;
}

export interface SecretPlace {
  readonly order: CheckedOrder;
  readonly jobName: string;
  readonly instance?: string | undefined;
}

/** What the job needs to read the repository and to push: one Secret per Job. Undefined: it needs neither. */
export function repositorySecret({ order, jobName, instance }: SecretPlace): RepositorySecret | undefined {
  const { repository, name, namespace } = order;
  if (repository === undefined || !hasSecret(repository)) return undefined;
  const { token, dockerConfigJson } = repository;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: repositorySecretName(jobName),
      namespace,
      labels: { ...jobLabels(name), ...instanceMark(instance) },
    },
    type: 'Opaque',
    // Nobody swaps what a running job has been given.
    immutable: true,
    stringData: {
      ...(token === undefined ? {} : { [secretKeys.token]: token }),
      ...(dockerConfigJson === undefined ? {} : { [secretKeys.dockerConfig]: dockerConfigJson }),
    },
  };
}

export function hasSecret({ token, dockerConfigJson }: CheckedRepository): boolean {
  return token !== undefined || dockerConfigJson !== undefined;
}
