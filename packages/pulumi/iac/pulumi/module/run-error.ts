import { EphemeraError } from '@ephemera/model';
import * as pulumi from '@pulumi/pulumi';

/**
 * An error as the person at the command line is to read it: message and hint. Pulumi adds the stack trace and a dump of all fields to
 * whatever is no error of its own. What is not ours stays as it is, for it is a bug, whose stack trace is wanted.
 */
export function runErrorOf(error: unknown): unknown {
  if (!(error instanceof EphemeraError)) return error;
  return new pulumi.RunError([error.message, error.hint].filter(Boolean).join('\n'), { cause: error });
}

/** Runs a program, or a part of one; its errors are thrown as `runErrorOf` makes them, with the typed one as cause. */
export function orRunError<Result>(program: () => Result): Result {
  try {
    return program();
  } catch (error) {
    throw runErrorOf(error);
  }
}
