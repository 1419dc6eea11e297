/**
 * The defaults of the spec, all in one table: the schema, the completed job and the generated reference read them here. The library, the
 * command line and the Pulumi module therefore never differ.
 *
 * `completions` is the default beside one pod at a time only; see `completionsOf`.
 */
export const defaults = {
  createNamespace: false,
  resources: {
    limits: { cpu: '1000m', memory: '1Gi' },
    requests: { cpu: '50m', memory: '100Mi' },
  },
  parallelism: 1,
  completions: 1,
  backoffLimit: 6,
  completionMode: 'NonIndexed',
  restartPolicy: 'Never',
  suspend: false,
  readOnly: false,
  relationshipType: 'unspecified',
  namespaceReference: { kind: 'KubernetesNamespace', fieldPath: 'spec.name' },
} as const;
