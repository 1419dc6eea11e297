import { EphemeraError } from '@ephemera/model';

const moreMemory = 'Give the sandbox more with --memory when it is made, or use less.';
const moreDisk = 'Give the sandbox more with --disk when it is made, or write less.';

/** By code, and by code and kind where an error has kinds. The package speaks to programs, which have functions instead of flags. */
const hints: Readonly<Record<string, string>> = {
  'sandbox.name_taken': 'Use that one, by its id or its name, or choose another name.',
  'sandbox.start_timeout': 'Try again, or give it more time with --start-timeout.',
  'sandbox.isolation_missing': 'Leave --user-namespace out, or use a cluster whose nodes can do it.',
  'sandbox.expired': 'Make another one, with more time: --lifetime.',
  'sandbox.out_of_memory': moreMemory,
  'sandbox.lost': 'What runs in it goes on: npx ephemera sandbox ps ID, then logs --follow ID COMMAND.',
  'sandbox.command_not_started': 'Check its name and path in the image. A line for a shell is: -- sh -c LINE',
  'sandbox.command_unknown': 'It keeps the last ended ones only: npx ephemera sandbox ps ID.',
  'sandbox.command_out_of_memory': moreMemory,
  'sandbox.command_disk_full': moreDisk,
  'sandbox.file missing': 'See what is there: npx ephemera sandbox exec ID -- ls -la.',
  'sandbox.file folder': 'A folder is there: write the path with a slash at its end to put something into it.',
  'sandbox.file denied': 'The user of the sandbox may not do this: use the work folder.',
  'sandbox.file no_space': moreDisk,
};

/** Another's error, with its code and message. */
class Advised extends EphemeraError {}

/** The same error, with a hint in words of the command line where there is one. Pure. */
export function withAdvice(error: unknown): unknown {
  if (!(error instanceof EphemeraError)) return error;
  const { code, message, retryable, details } = error;
  const hint = hints[code] ?? hints[`${code} ${String(details['kind'])}`];
  return hint === undefined ? error : new Advised({ code, message, hint, retryable, details }, { cause: error });
}
