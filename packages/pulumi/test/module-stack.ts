import type { Cluster } from '@ephemera/kube';
import type { Job, ObjectRef } from '@ephemera/model';
import { expect } from 'vitest';
import { uniqueName } from './cluster.ts';
import { manifestOf, stackInput, type ManifestParts } from './small-job.ts';
import { moduleProgram } from './module-program.ts';
import { startPulumiProject, type PulumiProject, type Ran } from './pulumi-project.ts';

type Spec = ManifestParts['spec'];
/** What one update says differently from the stack: the name of the job, and its annotations. */
type Other = Partial<Pick<ManifestParts, 'name' | 'annotations'>>;

/** A stack of the module, with a small job in a namespace that nobody else has, unless one is given. */
export interface ModuleStack extends AsyncDisposable {
  readonly namespace: string;
  readonly project: PulumiProject;
  up(spec?: Spec, other?: Other): Promise<Ran>;
  /** Fails the test when it does not succeed. */
  upWell(spec?: Spec, other?: Other): Promise<Ran>;
  /** The same. */
  destroy(): Promise<void>;
}

export async function startModuleStack({
  name = 'nightly',
  namespace = uniqueName('stack'),
  environment = {},
}: {
  readonly name?: string;
  readonly namespace?: string;
  readonly environment?: Readonly<Record<string, string>>;
} = {}): Promise<ModuleStack> {
  const project = await startPulumiProject({ program: moduleProgram(namespace), environment });
  const up: ModuleStack['up'] = (spec = {}, other = {}) =>
    project.pulumi(['up', '--yes', '--skip-preview'], stackInput(manifestOf({ name, namespace, spec, ...other })));
  return {
    namespace,
    project,
    up,
    upWell: async (spec, other) => {
      const ran = await up(spec, other);
      expect(ran, ran.output).toMatchObject({ code: 0 });
      return ran;
    },
    destroy: async () => {
      const ended = await project.pulumi(['destroy', '--yes', '--skip-preview']);
      expect(ended, ended.output).toMatchObject({ code: 0 });
    },
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}

export function jobOf(cluster: Cluster, namespace: string, name = 'nightly'): Promise<Job | undefined> {
  return cluster.get<Job>({ apiVersion: 'batch/v1', kind: 'Job', name, namespace });
}

export function namespaceRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', name };
}
