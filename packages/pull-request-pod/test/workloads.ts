import type { Manifest, ObjectMeta } from '@ephemera/model';

export interface Place {
  readonly name: string;
  readonly namespace: string;
}

/** What is changed of a pod that a builder may be. */
export interface Shape {
  readonly pod?: object;
  readonly container?: object;
  /** Of the pod, or of the template of the pods. */
  readonly metadata?: Pick<ObjectMeta, 'labels' | 'annotations'> & { readonly finalizers?: readonly string[] };
  readonly spec?: object;
}

export type Workload = Manifest & { readonly spec: Readonly<Record<string, unknown>> };

/** One that a job called `guarded` may make, but for the shape. */
export function workload(kind: 'Pod' | 'Deployment' | 'StatefulSet', place: Place, shape: Shape = {}): Workload {
  const pod = {
    serviceAccountName: 'guarded-buildx-sa',
    containers: [{ name: 'main', image: 'busybox:1', ...shape.container }],
    ...shape.pod,
  };
  const own = { app: place.name };
  const metadata = { ...shape.metadata, labels: { ...own, ...shape.metadata?.labels } };
  if (kind === 'Pod') return { apiVersion: 'v1', kind, metadata: { ...metadata, ...place }, spec: pod };
  const set = kind === 'StatefulSet' ? { serviceName: place.name } : {};
  const spec = { selector: { matchLabels: own }, template: { metadata, spec: pod }, ...set, ...shape.spec };
  return { apiVersion: 'apps/v1', kind, metadata: { ...place }, spec };
}

export function configMap(place: Place, metadata: object = {}): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...place, ...metadata }, data: { debug: 'true' } };
}

/** Without pods. */
export function atRest(object: Manifest): Manifest {
  return object.kind === 'ConfigMap' ? object : { ...object, spec: { ...(object['spec'] as object), replicas: 0 } };
}
