import { jobSchema } from '@ephemera/job/compile';
import { table } from './markdown.ts';

/** A part of the JSON Schema, as far as the page shows it. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
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
    'counts as not written, except where null says that it is left out. `[]` stands for each item of a list, `.*` for each name in a map.',
    '[kubernetes-job.schema.json](kubernetes-job.schema.json) is the same for editors and programs.',
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
  'A variable has exactly one source, and each name stands once in `variables` and `secrets` together.',
  'A `secretRef` stays in the namespace of the job. A literal secret is kept in the Secret `{name}-env-secrets`, whose keys are the names.',
  'A reference (`valueFrom`) has to be resolved by the program that reads the manifest; all that are not are listed.',
  'A mount has exactly one of the five sources, an absolute path without `..` and `:`, and no other mount has the same path.',
  'Mounts of one name share a volume, so their sources are equal.',
  'A ConfigMap of `spec.configMaps` has one key, its own name; a mount takes that key or all.',
  '`podFailurePolicy` needs `restartPolicy: Never`.',
  'Names of init containers are unique, and none is `job-container`.',
];

type Row = readonly [field: string, type: string, byDefault: string, description: string];

function fieldTable(rows: readonly Row[]): string {
  return table(['field', 'type', 'default', 'what it is'], rows);
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
  return [shown, typeOf(schema), schema.default === undefined ? '' : code(schema.default), schema.description ?? ''];
}

function typeOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  if (schema.type === 'array') return schema.items === undefined ? 'list' : `list of ${typeOf(schema.items)}`;
  if (schema.type === 'object')
    return typeof schema.additionalProperties === 'object' ? `map of ${typeOf(schema.additionalProperties)}` : 'object';
  return WORDS[schema.type ?? ''] ?? 'any';
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  null: 'null',
};

function code(value: unknown): string {
  return `\`${value === '' ? '""' : typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
