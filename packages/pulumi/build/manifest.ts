/** As far as the build reads a package.json. */
export interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * The last part of the name is the name under which Pulumi serves the component to other languages: it is the first part of the
 * component's type.
 */
const PUBLISHED_NAME = '@ephemera/kubernetes-job';

/**
 * The package.json of the published package. Its version is that of the working package; dependencies allow what semantic versioning
 * calls compatible, so that a program and the module share one copy of Pulumi.
 */
export function manifestOf({ version, license }: Manifest, versions: Readonly<Record<string, string>>): object {
  const compatible = (name: string) => [name, `^${versions[name] ?? ''}`];
  const entry = './iac/pulumi/module/index.js';
  return {
    name: PUBLISHED_NAME,
    version,
    description: 'One KubernetesJob for Pulumi: a component, and a program that reads a stack input.',
    license,
    type: 'module',
    engines: { node: '>=22.12' },
    main: entry,
    types: './types/index.d.ts',
    exports: { '.': { types: './types/index.d.ts', default: entry }, './package.json': './package.json' },
    dependencies: Object.fromEntries(
      ['@pulumi/kubernetes', '@pulumi/pulumi', 'yaml', 'zod'].map(compatible),
    ) as unknown,
  };
}
