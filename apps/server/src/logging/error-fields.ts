import { withoutSecrets } from './secrets.ts';

/** What of an error stands in the log. */
export interface ErrorFields {
  readonly type: string;
  /** Ours, for example `kube.forbidden`, or the one of PostgreSQL or the system, for example `25006` or `ECONNREFUSED`. */
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

const deepest = 3;

/**
 * An error as a log line shows it. By name, and not all properties as pino has it: libraries hang requests with headers and rows with
 * their values on their errors. Pure.
 */
export function errorFields(thrown: unknown, depth = 0): ErrorFields {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: withoutSecrets(String(thrown)) };
  const { code } = thrown as { readonly code?: unknown };
  return {
    type: thrown.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: withoutSecrets(thrown.message),
    // The stack of the outermost says where it came up; those of its causes are mostly of libraries.
    ...(depth === 0 && thrown.stack !== undefined ? { stack: withoutSecrets(thrown.stack) } : {}),
    ...(thrown.cause === undefined || depth >= deepest ? {} : { cause: errorFields(thrown.cause, depth + 1) }),
  };
}
