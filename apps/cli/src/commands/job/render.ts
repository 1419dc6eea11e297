import type { Context } from '../../context.ts';
import { readCompiled, warn, type ManifestFlags } from './manifest.ts';
import { listText, yamlText } from './objects-text.ts';

interface Flags extends ManifestFlags {
  readonly output: 'yaml' | 'json';
}

export async function render(this: Context, { output, ...flags }: Flags): Promise<void> {
  const { compiled } = await readCompiled(this, flags);
  const { stdout, stderr } = this.process;
  warn(this, compiled.warnings);
  if (compiled.objects.some(({ kind }) => kind === 'Secret'))
    stderr.write('This holds secrets in clear, as they are applied: keep it out of logs and repositories.\n');
  stdout.write(output === 'json' ? listText(compiled.objects) : yamlText(compiled.objects));
}
