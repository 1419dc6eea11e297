/** What every Kubernetes object has, as far as we read or write it. Concrete kinds add their own fields. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** An object as we write it, with whatever fields its kind has. */
export type Manifest = KubeObject & Readonly<Record<string, unknown>>;

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}

/** Names one object in one cluster. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** How messages name an object: `Namespace pr-1` or `Pod web in shop`. */
export function describeRef({ kind, name, namespace }: ObjectRef): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${name} in ${namespace}`;
}

/** `kind/namespace/name`, for programs that compare lists; cluster-wide objects have an empty middle. */
export function refText(ref: ObjectRef): string {
  return `${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}
