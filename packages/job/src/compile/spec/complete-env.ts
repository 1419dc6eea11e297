import type { JobEnv, JobEnvFrom, JobSecret, JobVariable } from '../kubernetes-job/kubernetes-job.ts';
import { defined } from './defined.ts';
import { envEntries, variablesPath, type EnvEntry, type SecretSource, type VariableSource } from './env-entries.ts';
import { secretsPath } from './hidden.ts';
import type { CheckedManifest } from './manifest-schema.ts';

/** Both forms as one list each; empty texts stay. */
export function completeEnv(env: CheckedManifest['spec']['env']): JobEnv {
  return {
    variables: envEntries<VariableSource>(env?.variables, variablesPath).map(variable),
    secrets: envEntries<SecretSource>(env?.secrets, secretsPath).map(secret),
    envFrom: (env?.envFrom ?? []).map(({ prefix, configMapRef, secretRef }): JobEnvFrom => ({
      ...(prefix !== undefined && { prefix }),
      ...(configMapRef && { configMapRef: defined(configMapRef) }),
      ...(secretRef && { secretRef: defined(secretRef) }),
    })),
  };
}

function variable({ name = '', source }: EnvEntry<VariableSource>): JobVariable {
  const { value = '', configMapKeyRef, fieldRef, resourceFieldRef } = source;
  if (configMapKeyRef) return { name, configMapKeyRef: { ...defined(configMapKeyRef), ...keyOf(configMapKeyRef) } };
  if (fieldRef) return { name, fieldRef: { ...defined(fieldRef), fieldPath: fieldRef.fieldPath ?? '' } };
  if (resourceFieldRef) {
    const { containerName, resource = '', divisor } = resourceFieldRef;
    return {
      name,
      resourceFieldRef: {
        ...(containerName !== undefined && { containerName }),
        resource,
        ...(divisor !== undefined && { divisor: String(divisor) }),
      },
    };
  }
  return { name, value };
}

function secret({ name = '', source: { value = '', secretRef } }: EnvEntry<SecretSource>): JobSecret {
  if (secretRef === undefined) return { name, value };
  const { optional } = secretRef;
  return { name, secretRef: { ...keyOf(secretRef), ...(optional !== undefined && { optional }) } };
}

/** Both are there in what the schema accepts; the type of an entry leaves them open for the rules. */
function keyOf({ name = '', key = '' }: { readonly name?: string | undefined; readonly key?: string | undefined }) {
  return { name, key };
}
