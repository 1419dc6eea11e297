import { EphemeraError } from '@ephemera/model';
import * as pulumi from '@pulumi/pulumi';

/**
 * Runs the program of a stack. What our errors say is for the person at the command line: Pulumi prints them without the stack trace
 * that it adds to whatever it does not know, and with the hint.
 */
export function runProgram<Outputs>(program: () => Outputs): Outputs {
  try {
    return program();
  } catch (error) {
    if (!(error instanceof EphemeraError)) throw error;
    throw new pulumi.RunError([error.message, error.hint].filter(Boolean).join('\n'), { cause: error });
  }
}
