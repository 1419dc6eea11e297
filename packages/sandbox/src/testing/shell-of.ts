import type { FakeProcess, FakeProgram } from './program.ts';

/**
 * A stand-in for `/bin/sh`, by the exact text of each script: `programs: { sh: shellOf({ 'npm test': { exitCode: 1 } }) }`. It understands no
 * shell; a script that is not in the table ends with 127 and says so.
 */
export function shellOf(scripts: Readonly<Record<string, FakeProgram>>): FakeProgram {
  return async (process) => {
    const [name = 'sh', flag, script = ''] = process.argv;
    const program = flag === '-c' && Object.hasOwn(scripts, script) ? scripts[script] : undefined;
    if (program !== undefined) return callProgram(program, process);
    await process.stderr.write(`${name}: this fake has no script ${JSON.stringify(script)}\n`);
    return 127;
  };
}

/** What a program does, whichever way it was given. */
export async function callProgram(program: FakeProgram, process: FakeProcess): Promise<number | void> {
  if (typeof program === 'function') return program(process);
  const { stdout = '', stderr = '', exitCode = 0 } = typeof program === 'string' ? { stdout: program } : program;
  await process.stdout.write(stdout);
  await process.stderr.write(stderr);
  return exitCode;
}
