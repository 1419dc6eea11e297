/**
 * The one error shape of the product: a code that programs match on, a sentence for people, a hint that says what to do,
 * and whether trying again can help. Every package declares its errors once, in a catalogue of its own.
 */
export abstract class EphemeraError extends Error {
  /** Public and stable, `subject.problem`, for example `kube.quota_exceeded`. */
  readonly code: string;
  /** What the reader can do about it. */
  readonly hint: string | undefined;
  /** True where the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** The values that the message was made of, for programs. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(parts: ErrorParts, options?: ErrorOptions) {
    super(parts.message, options);
    this.name = 'EphemeraError';
    this.code = parts.code;
    this.hint = parts.hint;
    this.retryable = parts.retryable;
    this.details = parts.details;
  }
}

interface ErrorParts {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface ErrorDefinition<Details extends object> {
  readonly code: string;
  readonly retryable: boolean;
  readonly message: (details: Details) => string;
  readonly hint?: string | ((details: Details) => string);
}

export interface ErrorClass<Details extends object> {
  new (details: Details, options?: ErrorOptions): EphemeraError;
  readonly code: string;
}

/** Declares one error. The result is a class: `throw new QuotaExceeded({ namespace })`, `error instanceof QuotaExceeded`. */
export function defineError<Details extends object>(definition: ErrorDefinition<Details>): ErrorClass<Details> {
  return class extends EphemeraError {
    static readonly code = definition.code;

    constructor(details: Details, options?: ErrorOptions) {
      const { hint } = definition;
      super(
        {
          code: definition.code,
          message: definition.message(details),
          hint: typeof hint === 'function' ? hint(details) : hint,
          retryable: definition.retryable,
          details: { ...(details as Record<string, unknown>) },
        },
        options,
      );
    }
  };
}

/** The text of anything that was thrown, for messages and logs. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
