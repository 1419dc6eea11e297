/** What travels between Pulumi and a provider: JSON, in which a value may be unknown or secret. */
export type Properties = Readonly<Record<string, unknown>>;

/** Stands in a preview for a value that only the real run will know. Pulumi's own constant. */
export const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

const signature = '4dabf18193072939515e22adb298388d';
const secretSignature = '1b47061264138c4ac30d75fd1eb44270';

/** Marks a value as secret: Pulumi then encrypts it in the state and hides it in its output. */
export function secret(value: unknown): Properties {
  return { [signature]: secretSignature, value };
}

/** The value without the marks of secrets, at any depth. */
export function withoutMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (typeof value !== 'object' || value === null) return value;
  const properties = value as Properties;
  if (properties[signature] === secretSignature) return withoutMarks(properties['value']);
  return Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, withoutMarks(inner)]));
}

export interface Failure {
  readonly property: string;
  readonly reason: string;
}

export interface PropertyChange {
  readonly kind: 'add' | 'delete' | 'update';
  /** Whether the resource has to be made anew for it. */
  readonly replaces: boolean;
}

export interface Difference {
  /** By path in Pulumi's notation, such as `spec.template` or `labels["a.b/c"]`; empty when nothing has changed. */
  readonly changes: Readonly<Record<string, PropertyChange>>;
  readonly deleteBeforeReplace: boolean;
}

export interface Step {
  readonly urn: string;
  /** True for a preview: nothing may change, and inputs may be unknown. */
  readonly preview: boolean;
  /** The user's `customTimeouts`; undefined when there is none. */
  readonly timeoutMs: number | undefined;
  /** Ends when Pulumi is told to stop. */
  readonly signal: AbortSignal;
}

/**
 * A provider in terms of values. Unlike `main` of `@pulumi/pulumi/provider` it hears its own configuration, takes part in previews, and
 * is given old inputs apart from old outputs: a stand-in for a real provider needs all three.
 */
export interface Provider {
  readonly version: string;
  configure(inputs: Properties): Promise<void>;
  check(urn: string, news: Properties, olds: Properties): Promise<{ inputs: Properties; failures: readonly Failure[] }>;
  diff(urn: string, news: Properties, oldInputs: Properties): Promise<Difference>;
  create(inputs: Properties, step: Step): Promise<{ id: string; outputs: Properties }>;
  /** Undefined: there is no such thing any more. */
  read(id: string, urn: string, inputs: Properties): Promise<{ outputs: Properties; inputs: Properties } | undefined>;
  update(id: string, inputs: Properties, step: Step): Promise<{ outputs: Properties }>;
  delete(id: string, outputs: Properties, step: Step): Promise<void>;
}

/** The thing exists now, but does not work: Pulumi keeps it in the state, so that it is updated or deleted next time. */
export class InitializationFailed extends Error {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;

  constructor(reason: string, { id, inputs, outputs }: { id: string; inputs: Properties; outputs: Properties }) {
    super(reason);
    this.id = id;
    this.inputs = inputs;
    this.outputs = outputs;
  }
}
