import { jobSchema } from '@ephemera/job/compile';
import type { Context } from '../../context.ts';
import { jsonText } from './objects-text.ts';

export function schema(this: Context): void {
  this.process.stdout.write(`${jsonText(jobSchema())}\n`);
}
