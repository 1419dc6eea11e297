/** What the cluster says at the end of an exec stream. */
export type ExecStatus =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * The status of an exec stream → how it ended; undefined when it is none. Pure.
 *
 * A success carries no code. A program that ended otherwise is a failure with the reason NonZeroExitCode, and its code stands in
 * `details.causes`; without a readable one nothing is known.
 */
export function readExecStatus(text: string): ExecStatus | undefined {
  const status = parsed(text);
  if (status === undefined) return undefined;
  if (status['status'] === 'Success') return { kind: 'exited', exitCode: 0 };
  if (status['status'] !== 'Failure') return undefined;
  if (status['reason'] === 'NonZeroExitCode') {
    const exitCode = codeIn(status['details']);
    return exitCode === undefined ? undefined : { kind: 'exited', exitCode };
  }
  const { message, reason } = status;
  return { kind: 'failed', message: textOf(message) ?? textOf(reason) ?? 'the cluster gave no reason' };
}

function codeIn(details: unknown): number | undefined {
  const causes = isRecord(details) && Array.isArray(details['causes']) ? (details['causes'] as unknown[]) : [];
  const cause = causes.find((one) => isRecord(one) && one['reason'] === 'ExitCode');
  const text = isRecord(cause) ? cause['message'] : undefined;
  // Never 0: that is no failure, so whoever says so lies about one of the two.
  return typeof text === 'string' && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 1000) : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
