import { EphemeraError } from '@ephemera/model';
import * as sandboxErrors from '../errors.ts';

/** A refusal in the server's own words: its code is the server's. */
class ServerRefused extends EphemeraError {}

type Constructible = new (details: object, options?: ErrorOptions) => EphemeraError;

/** By their codes: what a server says of a sandbox is the same class of error as what a cluster says. */
const known = new Map<string, Constructible>(
  Object.values(sandboxErrors).map((one) => [one.code, one as unknown as Constructible]),
);

/** Undefined: the body is no error of a server of ours. Pure. */
export function refusalOf(body: unknown): EphemeraError | undefined {
  if (!isRecord(body)) return undefined;
  const { error: message, code, hint, retryable, details } = body;
  if (typeof message !== 'string' || typeof code !== 'string') return undefined;
  const refused = new ServerRefused({
    message,
    code,
    hint: typeof hint === 'string' ? hint : undefined,
    retryable: retryable === true,
    details: isRecord(details) ? details : {},
  });
  const Known = known.get(code);
  if (!Known || !isRecord(details)) return refused;
  try {
    const same = new Known(details);
    // Made of other values than this version expects, it would say something else.
    return same.message === message ? same : refused;
  } catch {
    return refused;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
