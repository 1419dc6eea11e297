import { jobErrors } from '@ephemera/job/compile';
import { EphemeraError } from '@ephemera/model';
import type { Context } from '../../context.ts';
import { exitCodes, exitCodeOf } from '../../exit-code.ts';
import { plain } from '../../table.ts';
import { readCompiled, warn, type ManifestFlags } from './manifest.ts';
import { jsonText } from './objects-text.ts';
import { nameOf } from './read-text.ts';

interface Flags extends ManifestFlags {
  readonly json: boolean;
}

export async function validate(this: Context, { json, ...flags }: Flags): Promise<void> {
  const { stdout } = this.process;
  try {
    const { job, compiled } = await readCompiled(this, flags);
    if (json) {
      stdout.write(`${jsonText({ valid: true, problems: [], warnings: compiled.warnings })}\n`);
      return;
    }
    warn(this, compiled.warnings);
    stdout.write(`${plain(nameOf(flags.file))}: KubernetesJob ${job.metadata.name} is valid\n`);
  } catch (error) {
    if (!json || !(error instanceof EphemeraError) || exitCodeOf(error) !== exitCodes.badInput) throw error;
    const { more } = error.details;
    const beyond = typeof more === 'number' ? { more } : {};
    stdout.write(`${jsonText({ valid: false, problems: problemsOf(error), ...beyond, warnings: [] })}\n`);
    this.process.exitCode = exitCodes.badInput;
  }
}

/** What is wrong in fields is told field by field; a text that is no manifest at all is one problem of the whole. */
function problemsOf(error: EphemeraError): unknown {
  if (error.code === jobErrors.JobInvalid.code) return error.details['problems'];
  return [{ path: '', problem: error.message, fix: error.hint ?? '' }];
}
