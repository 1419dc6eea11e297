import { compile, type CompiledJob, type KubernetesJobManifest } from '@ephemera/job/compile';
import * as pulumi from '@pulumi/pulumi';
import { OutputChangesObjects } from '../errors.ts';
import { runErrorOf } from '../run-error.ts';
import { withoutValues } from './hidden-problems.ts';
import { filled, templateOf, type Leaf, type Template } from './leaves.ts';
import { mapChildren } from './pending.ts';

/**
 * What a compiler that takes plain text gives for arguments with outputs in them: the same objects, with an output wherever the
 * text depends on one.
 *
 * The objects are compiled with stand-ins, which decides what there is; then each text that contains a stand-in becomes an output of
 * just the leaves that it contains, whose value is what the compiler says at that place once those leaves are known. So a value is
 * checked by the same rules as a plain one, and what is secret stays with the texts that contain it: one secret variable does not
 * make the whole Job secret.
 *
 * Throws `JobInvalid`, `DockerConfigInvalid`, `OutputNotAllowed`; an output that resolves to an illegal value fails with a `RunError`
 * whose cause is one of these.
 */
export function compileCarried(manifest: unknown, dockerConfigJson?: unknown): CompiledJob {
  const template = templateOf({ ...(manifest as object), dockerConfigJson });
  const compiled = compileWith(template, new Map());
  if (template.leaves.length === 0) return compiled;
  return carry(compiled, [], { leaves: template.leaves, later: compiledLater(template) }) as CompiledJob;
}

function compileWith(template: Template, known: ReadonlyMap<string, unknown>): CompiledJob {
  const { dockerConfigJson, ...manifest } = filled(template, known) as KubernetesJobManifest & {
    dockerConfigJson?: string;
  };
  return compile(manifest, dockerConfigJson === undefined ? {} : { dockerConfigJson });
}

interface Carrier {
  readonly leaves: readonly Leaf[];
  readonly later: (leaves: readonly Leaf[]) => pulumi.Output<CompiledJob>;
}

/** Lists whose length depends on values: names that turn out to be the same stand there once. */
const LISTS = ['imagePullSecrets'];

function carry(tree: unknown, keys: readonly string[], carrier: Carrier): unknown {
  if (typeof tree !== 'string' && !LISTS.includes(keys.at(-1) ?? '')) {
    return mapChildren(tree, (child, key) => carry(child, [...keys, key], carrier));
  }
  const text = typeof tree === 'string' ? tree : JSON.stringify(tree);
  const leaves = carrier.leaves.filter(({ token }) => text.includes(token));
  if (leaves.length === 0) return tree;
  return carrier.later(leaves).apply((compiled) => {
    const value = at(compiled, keys);
    if (value !== undefined) return value;
    throw runErrorOf(new OutputChangesObjects({ paths: leaves.map(({ path }) => path) }));
  });
}

/** Once for the same leaves: what is wrong with them is then one error, which Pulumi reports once. */
function compiledLater(template: Template): Carrier['later'] {
  const known = new Map<string, pulumi.Output<CompiledJob>>();
  return (leaves) => {
    const key = JSON.stringify(leaves.map(({ path }) => path));
    const compiled = known.get(key) ?? compiledOnceKnown(template, leaves);
    known.set(key, compiled);
    return compiled;
  };
}

function compiledOnceKnown(template: Template, leaves: readonly Leaf[]): pulumi.Output<CompiledJob> {
  const inputs = leaves.map(({ value }) => pulumi.output(value));
  return pulumi.all(inputs).apply(async (values: readonly unknown[]) => {
    // In a preview, what has no value yet may get one in the update.
    if (pulumi.runtime.isDryRun() && values.includes(undefined)) return pulumi.unknown as CompiledJob;
    const hidden = (await Promise.all(inputs.map(pulumi.isSecret))).some(Boolean);
    try {
      return compileWith(template, new Map(leaves.map(({ path }, index) => [path, values[index]])));
    } catch (error) {
      throw runErrorOf(hidden ? withoutValues(error) : error);
    }
  });
}

function at(tree: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((node, key) => (node as Readonly<Record<string, unknown>> | undefined)?.[key], tree);
}
