import { compile, jobErrors, type CompiledJob, type KubernetesJobManifest, type Problem } from '@ephemera/job/compile';
import * as pulumi from '@pulumi/pulumi';
import { OutputChangesObjects } from '../errors.ts';
import { templateOf, type Leaf, type Template } from './leaves.ts';
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
 * Throws `JobInvalid`, `DockerConfigInvalid`, `OutputNotAllowed`; an output that resolves to an illegal value fails with `JobInvalid`.
 */
export function compileCarried(manifest: unknown, dockerConfigJson?: unknown): CompiledJob {
  const template = templateOf({ ...(manifest as object), dockerConfigJson });
  const compiled = compileWith(template, new Map());
  if (template.leaves.length === 0) return compiled;
  return carry(compiled, [], template) as CompiledJob;
}

function compileWith({ args, leaves }: Template, known: ReadonlyMap<string, unknown>): CompiledJob {
  const values = new Map(
    leaves.filter(({ token }) => known.has(token)).map(({ token, standIn }) => [standIn, known.get(token)]),
  );
  const { dockerConfigJson, ...manifest } = fill(args, values) as KubernetesJobManifest & { dockerConfigJson?: string };
  return compile(manifest, dockerConfigJson === undefined ? {} : { dockerConfigJson });
}

function fill(tree: unknown, values: ReadonlyMap<string, unknown>): unknown {
  if (typeof tree === 'string') return values.has(tree) ? values.get(tree) : tree;
  return mapChildren(tree, (child) => fill(child, values));
}

function carry(tree: unknown, keys: readonly string[], template: Template): unknown {
  if (typeof tree !== 'string') return mapChildren(tree, (child, key) => carry(child, [...keys, key], template));
  const leaves = template.leaves.filter(({ token }) => tree.includes(token));
  return leaves.length === 0 ? tree : textOnceKnown(leaves, keys, template);
}

function textOnceKnown(leaves: readonly Leaf[], keys: readonly string[], template: Template): pulumi.Output<string> {
  const inputs = leaves.map(({ value }) => pulumi.output(value));
  return pulumi.all(inputs).apply(async (values) => {
    const known = new Map(leaves.map(({ token }, index) => [token, values[index]]));
    const hidden = (await Promise.all(inputs.map(pulumi.isSecret))).some(Boolean);
    const text = at(compiledOrProblems({ template, known, hidden }), keys);
    if (typeof text !== 'string') throw new OutputChangesObjects({ paths: leaves.map(({ path }) => path) });
    return text;
  });
}

interface Resolved {
  readonly template: Template;
  readonly known: ReadonlyMap<string, unknown>;
  /** Whether a value is secret, so that no message may quote it. */
  readonly hidden: boolean;
}

function compiledOrProblems({ template, known, hidden }: Resolved): CompiledJob {
  try {
    return compileWith(template, known);
  } catch (error) {
    if (!hidden || !(error instanceof jobErrors.JobInvalid)) throw error;
    const problems = (error.details['problems'] as readonly Problem[]).map((problem) => ({
      ...problem,
      value: '(hidden)',
    }));
    // Without the cause: it quotes the value.
    throw new jobErrors.JobInvalid({ problems });
  }
}

function at(tree: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((node, key) => (node as Readonly<Record<string, unknown>> | undefined)?.[key], tree);
}
