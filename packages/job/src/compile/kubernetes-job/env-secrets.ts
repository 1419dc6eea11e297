import type { SecretObject } from './compiled-job.ts';
import type { JobSecret, KubernetesJob } from './kubernetes-job.ts';
import { metadataOf } from './metadata.ts';
import { namesOf } from './names.ts';

/**
 * The Secret `{name}-env-secrets` with the literal secrets, keyed by the names of their variables; undefined where all secrets are
 * references. Literal values stand nowhere else: whoever may read Jobs and pods need not be allowed to read Secrets.
 */
export function envSecretsOf(job: KubernetesJob): SecretObject | undefined {
  const literals = job.spec.env.secrets.filter(isLiteral);
  if (literals.length === 0) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadataOf(job, namesOf(job).envSecrets),
    type: 'Opaque',
    stringData: Object.fromEntries(literals.map(({ name, value }) => [name, value])),
  };
}

function isLiteral(secret: JobSecret): secret is Extract<JobSecret, { readonly value: string }> {
  return 'value' in secret;
}
