/** What the tests say about a job; everything else is the module's default. */
export interface ManifestParts {
  readonly name: string;
  readonly namespace: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A small job that ends at once. JSON is YAML, so its text is a manifest as users write it. */
export function manifestOf({ name, namespace, annotations = {}, spec = {} }: ManifestParts): object {
  return {
    apiVersion: 'kubernetes.project-planton.org/v1',
    kind: 'KubernetesJob',
    metadata: { name, annotations },
    spec: {
      namespace,
      createNamespace: true,
      image: { repo: 'busybox', tag: '1' },
      resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '200m', memory: '64Mi' } },
      backoffLimit: 0,
      command: ['true'],
      ...spec,
    },
  };
}

/** The environment variable of the contract. */
export function stackInput(value: object): { readonly STACK_INPUT: string } {
  return { STACK_INPUT: Buffer.from(JSON.stringify(value)).toString('base64') };
}
