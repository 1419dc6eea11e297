import { createHash } from 'node:crypto';
import { unknown, type Properties } from '@ephemera/pulumi-cli/provider';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: unknown;
  };
  readonly spec?: Properties;
  readonly status?: Properties;
  readonly [property: string]: unknown;
}

/** As far as the kinds go that the module makes: their plural is the kind with an s, and only Namespace lies in no namespace. */
export function pathOf({ apiVersion, kind, metadata: { name, namespace } }: KubernetesObject): string {
  const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${group}${within}/${kind.toLowerCase()}s/${encodeURIComponent(name)}`;
}

/** What Pulumi calls the object: `namespace/name`, or the name. */
export function idOf({ metadata: { name, namespace } }: KubernetesObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** One for each resource of each stack: what another stack applied is a conflict, as with the real provider. */
export function fieldManagerOf(urn: string): string {
  return `pulumi-kubernetes-${createHash('sha256').update(urn).digest('hex').slice(0, 8)}`;
}

export function hasUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasUnknown);
}

/** The value of an annotation of Pulumi's. */
export function annotation({ metadata }: KubernetesObject, name: string): string | undefined {
  return metadata.annotations?.[`pulumi.com/${name}`];
}
