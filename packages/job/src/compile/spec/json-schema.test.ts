import { expect, test } from 'vitest';
import { z } from 'zod';
import { everythingSet } from '../../../test/everything-set.ts';
import { kubernetesJob } from '../../../test/kubernetes-job.ts';
import { manifest, mount, problemsOf } from '../../../test/manifests.ts';
import { jobSchema } from '../index.ts';

interface Node {
  readonly [key: string]: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly description?: string;
}

const schema = jobSchema() as Node;
// Reads the schema as text that came from a file, as an editor would.
const editor = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)));

test('it names its draft, and says that keys may be snake_case too', () => {
  expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'KubernetesJob' });
  expect(schema.description).toContain('snake_case');
});

test.each([
  ['with what is required', manifest()],
  ['that is complete', kubernetesJob()],
  ['with everything set', everythingSet],
  ['with a namespace by value', manifest({ namespace: { value: 'a' } })],
  [
    'with variables in a map',
    manifest({
      env: { variables: { A: '1', B: { value: '' } }, secrets: { C: { secretRef: { name: 'a', key: 'b' } } } },
    }),
  ],
  [
    'with variables in a list',
    manifest({ env: { variables: [{ name: 'A', fieldRef: { fieldPath: 'metadata.name' } }] } }),
  ],
  ['with numbers as quantities', manifest({ resources: { limits: { cpu: 2 }, requests: { cpu: 0.5 } } })],
  [
    'with counts left out',
    manifest({ parallelism: null, completions: null, activeDeadlineSeconds: null, ttlSecondsAfterFinished: 0 }),
  ],
  [
    'with mounts',
    manifest({
      volumeMounts: [mount(), mount({ name: 'b', mountPath: '/b', emptyDir: undefined, pvc: { claimName: 'b' } })],
    }),
  ],
  ['with a digest', manifest({ image: { repo: `a@sha256:${'0'.repeat(64)}` } })],
])('a manifest %s is accepted, as it is when it is read', (_, value) => {
  expect(problemsOf(value)).toEqual([]);
  expect(editor.safeParse(value).error?.issues).toBeUndefined();
});

test('a manifest with a field of nothing, or of an empty text, is accepted wherever it is read', () => {
  const full = JSON.parse(JSON.stringify(everythingSet)) as object;
  const lists = {
    env: { variables: [{ name: 'A', value: 'x', fieldRef: null }], secrets: [{ name: 'B', value: 'x' }] },
  };
  const others = manifest({ ...lists, namespace: { value: 'a', valueFrom: null }, targetCluster: { clusterName: '' } });
  const variants = [full, others].flatMap((value) =>
    placesOf(value, []).flatMap((path) => [put(value, path, null), put(value, path, '')]),
  );
  const read = variants.filter((value) => problemsOf(value).length === 0);
  expect(read.length).toBeGreaterThan(50);
  expect(read.filter((value) => !editor.safeParse(value).success)).toEqual([]);
  expect(editor.safeParse(manifest({ namespace: null })).success).toBe(false);
  expect(editor.safeParse(manifest({ env: { variables: { A: null } } })).success).toBe(false);
});

type Path = readonly (string | number)[];

/** Every place of a manifest and two that are not there. */
function placesOf(value: unknown, path: Path): Path[] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path];
  const inner = Object.entries(value).flatMap(([key, item]) =>
    placesOf(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? [...inner, ['status'], ['spec', 'suspend']] : [path, ...inner];
}

function put(value: unknown, [part, ...rest]: Path, item: unknown): unknown {
  if (part === undefined) return item;
  if (Array.isArray(value)) return value.with(Number(part), put(value[Number(part)], rest, item));
  const map = value as Readonly<Record<string, unknown>>;
  return { ...map, [part]: put(map[part], rest, item) };
}

test.each([
  ['another kind', { ...manifest(), kind: 'Job' }],
  ['no namespace', manifest({ namespace: undefined })],
  ['an unknown key', manifest({ paralelism: 1 })],
  ['a text for a number', manifest({ parallelism: '1' })],
  ['a number below its range', manifest({ backoffLimit: -1 })],
  ['restartPolicy Always', manifest({ restartPolicy: 'Always' })],
  ['a relative mount path', manifest({ volumeMounts: [mount({ mountPath: 'a' })] })],
  [
    'a mode above 511',
    manifest({ volumeMounts: [mount({ emptyDir: undefined, secret: { name: 'a', defaultMode: 755 } })] }),
  ],
])('%s is refused, as it is when it is read', (_, value) => {
  expect(problemsOf(value)).not.toEqual([]);
  expect(editor.safeParse(value).success).toBe(false);
});

test('every field has a description', () => {
  const bare: string[] = [];
  visit(schema, 'manifest');
  expect(bare).toEqual([]);

  function visit(node: Node, path: string): void {
    for (const [key, field] of Object.entries(node.properties ?? {})) {
      if (typeof field.description !== 'string') bare.push(`${path}.${key}`);
      visit(field, `${path}.${key}`);
    }
    for (const part of ['items', 'additionalProperties'] as const) {
      const inner = node[part];
      if (typeof inner === 'object' && inner !== null) visit(inner as Node, `${path}.${part}`);
    }
    for (const option of (node['anyOf'] ?? []) as readonly Node[]) visit(option, path);
  }
});

test('the defaults of the schema are those that a manifest gets', () => {
  const spec = schema.properties?.['spec']?.properties ?? {};
  const complete: Readonly<Record<string, unknown>> = { ...kubernetesJob().spec };
  const scalars = Object.entries(spec).filter(([, field]) =>
    ['boolean', 'number', 'string'].includes(typeof field['default']),
  );
  expect(Object.fromEntries(scalars.map(([key]) => [key, complete[key]]))).toEqual(
    Object.fromEntries(scalars.map(([key, field]) => [key, field['default']])),
  );
  expect(scalars.map(([key]) => key)).toEqual([
    'createNamespace',
    'parallelism',
    'completions',
    'backoffLimit',
    'completionMode',
    'restartPolicy',
    'suspend',
  ]);
});
