import { readFileSync } from 'node:fs';
import path from 'node:path';

/** In repository mode: there is no Dockerfile, or none that may be read. No other try finds one, so the Job fails at once. */
export const noDockerfileExitCode = 66;

const builder = scriptText('builder.sh');

/** What the job's shell runs. Files and not texts in TypeScript, so that they can be read, checked and run as what they are. */
export const scripts = {
  example: `${builder}\n${scriptText('build-example.sh')}`,
  repository: `${builder}\n${scriptText('build-repository.sh')}`,
} as const;

function scriptText(file: string): string {
  return readFileSync(path.join(import.meta.dirname, 'scripts', file), 'utf8');
}
