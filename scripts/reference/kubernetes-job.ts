import { jobSchema } from '@ephemera/job/compile';
import { table } from './markdown.ts';

/** A part of the JSON Schema, as far as the page shows it. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly propertyNames?: { readonly pattern?: string };
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}

/** The JSON Schema of a manifest, as `jobSchema()` gives it. */
export function kubernetesJobSchema(): string {
  return `${JSON.stringify(jobSchema(), null, 2)}\n`;
}

/** Every field of a manifest with its type, default and description. */
export function kubernetesJobPage(): string {
  const { properties = {}, required = [] } = jobSchema() as Schema;
  const { metadata, spec, ...envelope } = properties;
  return [
    '# KubernetesJob',
    '',
    'One manifest in YAML or JSON: `apiVersion`, `kind`, `metadata` and `spec`. Keys are camelCase here and may be snake_case as well; a key that',
    'is not known is refused, and so is one that stands in both spellings. Fields in **bold** are required. A field without a value (`env:`)',
    'counts as not written, except where null says that it is left out; so does an empty text in a field of text that may be left out. `[]` stands for each item of a list, `.*` for each name in a map.',
    'Patterns are rough, for editors; what is wrong with a text is told in words when it is read.',
    '[kubernetes-job.schema.json](kubernetes-job.schema.json) is the same for editors and programs, with keys in camelCase only.',
    '',
    fieldTable(Object.entries(envelope).map(([name, schema]) => row(name, schema, required.includes(name)))),
    '',
    '## metadata',
    '',
    fieldTable(rowsOf(metadata ?? {}, 'metadata')),
    '',
    '## spec',
    '',
    fieldTable(rowsOf(spec ?? {}, 'spec')),
    '',
    '## What goes together',
    '',
    ...RULES.map((rule) => `- ${rule}`),
  ].join('\n');
}

/** What a schema of single fields cannot say; each is checked, and all problems are reported at once. */
const RULES: readonly string[] = [
  '`completions` is 1 when neither it nor `parallelism` is set. With `parallelism` above 1 and no `completions` the job is a work queue.',
  '`completionMode: Indexed` needs `completions` of at least 1 and `parallelism` of at most 100,000; `name-‹completions − 1›` fits into 63 characters.',
  'An image has a tag or a digest.',
  'A request is not above its limit, whether that is given or a default.',
  '`repo` is a name without scheme, credentials and tag; the tag of an image is `tag`.',
  'Labels and annotations have keys that Kubernetes takes. `controller-uid` and `job-name`, with `batch.kubernetes.io/` or without, are its own.',
  'Every text is well-formed Unicode without U+FFFE and U+FFFF.',
  'A variable has exactly one source, and each name stands once in `variables` and `secrets` together.',
  'A `secretRef` stays in the namespace of the job. A literal secret is kept in the Secret `{name}-env-secrets`, whose keys are the names: letters, digits, `-`, `_` and `.`, not two dots in front.',
  'An argument, and a variable with its name, is shorter than 128 KiB and has no zero byte, as Linux wants it.',
  'Secrets have 1 MiB of values in all, a ConfigMap 1 MiB, annotations 256 KiB; the Job that comes out has 1 MiB at most.',
  'A `fieldRef` names a field of the pod, in version v1; a `resourceFieldRef` a container of the job and a divisor of one unit: 1 or 1m for CPU, 1, 1k, 1Mi and so on for the others.',
  'A reference (`valueFrom`) has to be resolved by the program that reads the manifest; all that are not are listed.',
  'A mount has exactly one of the five sources, an absolute path without `..` and `:`, and no other mount has the same path.',
  'Mounts of one name share a volume, so their sources are equal.',
  'A ConfigMap of `spec.configMaps` has one key, its own name; a mount takes that key or all, and a `configMapKeyRef` that is not optional takes it too.',
  '`path` is the file of one key, and needs `key`.',
  '`podFailurePolicy` needs `restartPolicy: Never`.',
  'A rule of a `podFailurePolicy` has exactly one of `onExitCodes`, with 1 to 255 codes, and `onPodConditions`, with 1 to 20; there are at most 20 rules, and `In` has no 0.',
  'A toleration without a key has `operator: Exists`; with Exists there is no value; `tolerationSeconds` is for `effect: NoExecute`.',
  '`runAsNonRoot` and `runAsUser: 0` exclude each other. `localhostProfile` is for the type Localhost, which needs it: a relative path.',
  'Names of init containers are unique, and none is `job-container`.',
];

type Row = readonly [field: string, type: string, limits: string, byDefault: string, description: string];

function fieldTable(rows: readonly Row[]): string {
  return table(['field', 'type', 'limits', 'default', 'what it is'], rows);
}

/** The fields below a schema, each before those inside of it. */
function rowsOf(schema: Schema, path: string): readonly Row[] {
  const { properties = {}, required = [] } = schema;
  const fields = Object.entries(properties).flatMap(([name, field]) => [
    row(`${path}.${name}`, field, required.includes(name)),
    ...rowsOf(field, `${path}.${name}`),
  ]);
  const inner = [
    ...(schema.anyOf ?? []).flatMap((option) => rowsOf(option, path)),
    ...(schema.items === undefined ? [] : rowsOf(schema.items, `${path}[]`)),
    ...(typeof schema.additionalProperties === 'object' ? rowsOf(schema.additionalProperties, `${path}.*`) : []),
  ];
  return [...fields, ...inner];
}

function row(path: string, schema: Schema, required: boolean): Row {
  const shown = required ? `**\`${path}\`**` : `\`${path}\``;
  const byDefault = schema.default === undefined ? '' : code(schema.default);
  return [shown, typeOf(schema), limitsOf(schema), byDefault, schema.description ?? ''];
}

/** Bounds of numbers, lengths and patterns of texts; those of the keys for a map. */
function limitsOf(schema: Schema): string {
  const { minimum, maximum, minLength, maxLength, pattern, propertyNames, anyOf = [] } = schema;
  const own = [
    ...(maximum === undefined ? [] : [`${minimum ?? 0} to ${maximum}`]),
    ...(minLength === undefined ? [] : [`at least ${minLength} ${minLength === 1 ? 'character' : 'characters'}`]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    // That an empty text counts as left out stands at the top of the page.
    ...(pattern === undefined ? [] : [code(pattern.replace(/^\^\$\|/, ''))]),
    ...(propertyNames?.pattern === undefined ? [] : [`names ${code(propertyNames.pattern)}`]),
  ];
  return [...new Set([...own, ...anyOf.map(limitsOf).filter((limits) => limits !== '')])].join(', ');
}

function typeOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.filter(isNotNull).map(typeOf))].join(' or ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined)
    return schema.enum
      .filter((value) => value !== null)
      .map(code)
      .join(', ');
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.find((name) => name !== 'null');
  if (type === 'array') return schema.items === undefined ? 'list' : `list of ${typeOf(schema.items)}`;
  if (type === 'object')
    return typeof schema.additionalProperties === 'object' ? `map of ${typeOf(schema.additionalProperties)}` : 'object';
  return WORDS[type ?? ''] ?? 'any';
}

/** Every field that may be left out may be null as well, so the page says it once. */
function isNotNull({ type }: Schema): boolean {
  return type !== 'null';
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
};

function code(value: unknown): string {
  return `\`${value === '' ? '""' : typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
