import { dataKey, envName } from '../checks/names.ts';
import { envEntries, variablesPath, type EnvEntry, type SecretSource, type VariableSource } from '../env-entries.ts';
import { exactlyOne } from '../exactly-one.ts';
import { checked, type Finding, type Path } from '../finding.ts';
import { secretsPath } from '../hidden.ts';
import type { LooseManifest } from '../manifest-schema.ts';
import { pathText, quoted } from '../show.ts';
import { namespaceText } from './namespace.ts';

/** What the API server takes for all data of a Secret. */
const maxSecretBytes = 1024 * 1024;

export function envRules({ spec }: LooseManifest): Finding[] {
  const env = spec?.env;
  const variables = envEntries<VariableSource>(env?.variables, variablesPath);
  const secrets = envEntries<SecretSource>(env?.secrets, secretsPath);
  const secretSources = Array.isArray(env?.secrets)
    ? (['value', 'secretRef', 'valueFrom'] as const)
    : (['value', 'secretRef'] as const);
  const variableSources = Array.isArray(env?.variables)
    ? (['value', 'valueFrom', 'configMapKeyRef', 'fieldRef', 'resourceFieldRef'] as const)
    : (['value', 'valueFrom'] as const);
  return [
    ...[...variables, ...secrets].flatMap(({ namePath, name }) => checked(namePath, name, envName)),
    ...variables.flatMap(({ path, source }) => exactlyOne(path, source, variableSources)),
    ...secrets.flatMap(({ path, source }) => exactlyOne(path, source, secretSources)),
    ...sameNames([...variables, ...secrets]),
    ...secrets.flatMap((secret) => secretRules(secret, namespaceText(spec?.namespace))),
    ...secretSize(secrets),
    ...(env?.envFrom ?? []).flatMap((from, index) => {
      if (from === undefined) return [];
      const path = ['spec', 'env', 'envFrom', index];
      return [
        ...exactlyOne(path, from, ['configMapRef', 'secretRef']),
        ...checked([...path, 'prefix'], from.prefix, envName),
      ];
    }),
  ];
}

function sameNames(entries: readonly EnvEntry<object>[]): Finding[] {
  const seen = new Map<string, Path>();
  return entries.flatMap(({ path, namePath, name }) => {
    if (name === undefined) return [];
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, path);
      return [];
    }
    return [
      {
        path: namePath,
        problem: `has the same name as ${pathText(first)}`,
        fix: 'Keep one of the two, or rename one.',
      },
    ];
  });
}

function secretRules(
  { path, namePath, name, source }: EnvEntry<SecretSource>,
  namespace: string | undefined,
): Finding[] {
  const other = source.secretRef?.namespace;
  const elsewhere = other !== undefined && namespace !== undefined && other !== namespace;
  const noKey =
    source.value !== undefined && name !== undefined && envName(name) === undefined && dataKey(name) !== undefined;
  return [
    ...(elsewhere
      ? [
          {
            path: [...path, 'secretRef', 'namespace'],
            problem: `is not the namespace of the job, ${quoted(namespace)}`,
            fix: 'A pod gets only Secrets of its own namespace: copy the Secret there, and leave this out.',
          },
        ]
      : []),
    ...(noKey
      ? [
          {
            path: namePath,
            problem: 'is kept in a Secret, which cannot have a key of this name',
            fix: 'Use letters, digits, -, _ and . for the name, or take the value from a Secret by secretRef.',
          },
        ]
      : []),
  ];
}

function secretSize(secrets: readonly EnvEntry<SecretSource>[]): Finding[] {
  const bytes = secrets.reduce((sum, { source }) => sum + Buffer.byteLength(source.value ?? ''), 0);
  if (bytes <= maxSecretBytes) return [];
  return [
    {
      path: secretsPath,
      problem: `is ${bytes} bytes of values, and a Secret takes ${maxSecretBytes}`,
      fix: 'Make a Secret for the large ones and mount it.',
    },
  ];
}
