import fc from 'fast-check';
import { expect, test } from 'vitest';
import { briefly, manifest } from '../../../test/manifests.ts';
import { jobErrors, parseJob } from '../index.ts';

const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
const envName = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/).filter((text) => text !== '__proto__');
const count = fc.option(fc.integer({ min: 0, max: 1000 }));
const text = fc.string({ unit: 'grapheme' });

/** Never the name of a ConfigMap of the manifest itself, whose one key is given. */
const outside = name.map((text) => `outside.${text}`);

const source = fc.oneof(
  fc.record({
    configMap: fc.record(
      { name: outside, key: name, defaultMode: fc.integer({ min: 0, max: 511 }) },
      { requiredKeys: ['name'] },
    ),
  }),
  fc.record({ secret: fc.record({ name }) }),
  fc.record({
    emptyDir: fc.record(
      { medium: fc.constantFrom('', 'Memory'), sizeLimit: fc.constantFrom('1Gi', 1024) },
      { requiredKeys: [] },
    ),
  }),
  fc.record({ pvc: fc.record({ claimName: name, readOnly: fc.boolean() }, { requiredKeys: ['claimName'] }) }),
);

const mounts = fc
  .uniqueArray(fc.tuple(name, source), { selector: ([volume]) => volume, maxLength: 4 })
  .map((all) => all.map(([volume, from]) => ({ name: volume, mountPath: `/${volume}`, ...from })));

const variables = fc.oneof(
  fc.dictionary(envName, fc.oneof(text, fc.record({ value: text })), { maxKeys: 5 }),
  fc.uniqueArray(fc.record({ name: envName, value: text }), { selector: (entry) => entry.name, maxLength: 5 }),
);

const spec = fc.record(
  {
    createNamespace: fc.boolean(),
    resources: fc.record({
      limits: fc.record(
        { cpu: fc.constantFrom('10m', '2', 4), memory: fc.constantFrom('64Mi', '2Gi') },
        { requiredKeys: [] },
      ),
    }),
    env: fc.record({ variables }),
    parallelism: count,
    completions: count,
    backoffLimit: fc.integer({ min: 0, max: 10 }),
    activeDeadlineSeconds: count,
    ttlSecondsAfterFinished: count,
    restartPolicy: fc.constantFrom('Never', 'OnFailure'),
    command: fc.array(text),
    configMaps: fc.dictionary(name, text, { maxKeys: 4 }),
    volumeMounts: mounts,
    suspend: fc.boolean(),
    securityContext: fc.record(
      { runAsUser: fc.integer({ min: 0, max: 1000 }), readOnlyRootFilesystem: fc.boolean() },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

test('a job that was read once reads the same again, also after a way through JSON', () => {
  fc.assert(
    fc.property(spec, (fields) => {
      const job = parseJob(manifest(fields));
      expect(parseJob(job)).toEqual(job);
      expect(parseJob(JSON.parse(JSON.stringify(job)))).toEqual(job);
    }),
  );
});

test('what is written in snake_case reads like what is written in camelCase', () => {
  fc.assert(
    fc.property(spec, (fields) => {
      expect(parseJob(manifest(snake(fields) as object))).toEqual(parseJob(manifest(fields)));
    }),
  );
});

const userMaps = new Set(['variables', 'configMaps']);

/** Every key of ours in snake_case; keys of users as they are. */
function snake(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snake);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      userMaps.has(key) && !Array.isArray(item) ? item : snake(item),
    ]),
  );
}

const paths = [
  [],
  ['metadata'],
  ['metadata', 'labels'],
  ['spec'],
  ['spec', 'namespace'],
  ['spec', 'image'],
  ['spec', 'resources', 'limits'],
  ['spec', 'env'],
  ['spec', 'env', 'variables'],
  ['spec', 'env', 'secrets'],
  ['spec', 'env', 'envFrom'],
  ['spec', 'volumeMounts'],
  ['spec', 'volumeMounts', 0, 'configMap'],
  ['spec', 'securityContext'],
  ['spec', 'podFailurePolicy', 'rules'],
  ['spec', 'tolerations'],
  ['spec', 'initContainers'],
] as const;

test('any JSON, anywhere in a manifest, is read or refused, and nothing else happens', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.object({ withNullPrototype: true, withDate: true, withMap: true, withBigInt: true }),
    fc.func(fc.nat()),
  );
  fc.assert(
    fc.property(fc.constantFrom(...paths), anything, (path, value) => {
      try {
        parseJob(put(manifest(), path, value));
      } catch (error) {
        expect(error).toBeInstanceOf(jobErrors.JobInvalid);
      }
    }),
    { numRuns: 1000 },
  );
});

test('garbage in one field leaves the others as they are: each problem has its own place', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const bad = { ...manifest({ restartPolicy: 'Always', volumeMounts: [value] }) };
      expect(briefly(bad).some((problem) => problem.startsWith('spec.restartPolicy '))).toBe(true);
    }),
  );
});

function put(into: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (typeof part === 'number') return [put({}, rest, value)];
  const map = (into ?? {}) as Readonly<Record<string, unknown>>;
  return { ...map, [part]: put(map[part], rest, value) };
}
