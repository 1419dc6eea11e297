import {
  compileJob,
  parseJob,
  readManifest,
  type CompiledJob,
  type JobWarning,
  type KubernetesJob,
} from '@ephemera/job/compile';
import type { Context } from '../../context.ts';
import { BadInput } from '../../errors.ts';
import { plain } from '../../table.ts';
import { nameOf, readText } from './read-text.ts';

export interface ManifestFlags {
  readonly file: string;
  readonly set?: readonly string[];
  readonly dockerConfig?: string;
}

/** The job of a manifest, complete. Throws errors that end with exit code 2 for whatever is wrong with it. */
export async function readJob(command: Context, { file, set }: ManifestFlags): Promise<KubernetesJob> {
  const text = await readText(command, file, '--file');
  return parseJob(readManifest(text, { source: nameOf(file), set: set ?? [] }));
}

/** The job with the objects that it is compiled into. */
export async function readCompiled(
  command: Context,
  flags: ManifestFlags,
): Promise<{ readonly job: KubernetesJob; readonly compiled: CompiledJob }> {
  const { file, dockerConfig } = flags;
  if (file === '-' && dockerConfig === '-') throw new BadInput({ problem: 'Only one of two files can be -.' });
  const job = await readJob(command, flags);
  const dockerConfigJson =
    dockerConfig === undefined ? undefined : await readText(command, dockerConfig, '--docker-config');
  // The compiler takes an empty text for no credentials at all, which nobody means who names a file.
  if (dockerConfigJson?.trim() === '') throw new BadInput({ problem: `--docker-config is empty.` });
  return { job, compiled: compileJob(job, dockerConfigJson === undefined ? {} : { dockerConfigJson }) };
}

export function warn({ process }: Context, warnings: readonly JobWarning[]): void {
  for (const { path, message } of warnings) process.stderr.write(`warning: ${plain(`${path}: ${message}`)}\n`);
}
