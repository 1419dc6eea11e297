import { envEntries, variablesPath, type SecretSource, type VariableSource } from '../env-entries.ts';
import type { Finding, Path } from '../finding.ts';
import { secretsPath } from '../hidden.ts';
import type { LooseManifest } from '../manifest-schema.ts';

/** MAX_ARG_STRLEN of Linux: one argument, or one `NAME=value`, with the zero byte at its end. */
const maxBytes = 128 * 1024;

/** What Linux cannot give to a program: the API server takes it, and no container of the pod then starts. */
export function processRules({ spec }: LooseManifest): Finding[] {
  if (spec === undefined) return [];
  const inits = (spec.initContainers ?? []).map((init, index) => ({
    of: init,
    path: ['spec', 'initContainers', index],
  }));
  const programs = [{ of: spec, path: ['spec'] as Path }, ...inits];
  const variables = envEntries<VariableSource>(spec.env?.variables, variablesPath);
  const secrets = envEntries<SecretSource>(spec.env?.secrets, secretsPath);
  return [
    ...programs.flatMap(({ of, path }) =>
      (['command', 'args'] as const).flatMap((list) =>
        (of?.[list] ?? []).flatMap((text, index) => given(text, [...path, list, index], 0)),
      ),
    ),
    ...[...variables, ...secrets].flatMap(({ path, name = '', source }) =>
      given(source.value, path, Buffer.byteLength(name) + 1),
    ),
  ];
}

function given(text: string | undefined, path: Path, before: number): Finding[] {
  if (text === undefined) return [];
  if (text.includes('\0')) {
    return [
      { path, problem: 'has a zero byte, which ends a text for Linux', fix: 'Take it out, or mount it as a file.' },
    ];
  }
  const bytes = before + Buffer.byteLength(text) + 1;
  if (bytes <= maxBytes) return [];
  return [
    {
      path,
      problem: `is ${bytes} bytes for Linux, which gives a program at most ${maxBytes} in one argument or variable`,
      fix: 'Put it into spec.configMaps or a Secret, and mount it as a file.',
    },
  ];
}
