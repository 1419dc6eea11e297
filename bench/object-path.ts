import type { KubeObject } from '@ephemera/model';

/** Where the API server keeps an object. Pure. */
export function objectPath(object: KubeObject): string {
  return `${collectionPath(object)}/${object.metadata.name}`;
}

/** Where it is created. Pure. */
export function collectionPath({ apiVersion, kind, metadata: { namespace } }: KubeObject): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${group}${place}/${plural(kind)}`;
}

/** The kinds that an environment and a job have. */
function plural(kind: string): string {
  const lower = kind.toLowerCase();
  return lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}
