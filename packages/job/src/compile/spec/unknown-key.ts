import type { z } from 'zod';
import type { Path, Wrong } from './finding.ts';
import { hiddenKey, isInsideSecret } from './hidden.ts';
import { nearest } from './nearest.ts';
import { shapeFor } from './shape.ts';
import { valueText } from './show.ts';

/** A key that is not known: how it is called in messages, what stands behind it where that can be shown, and what was probably meant. */
export interface UnknownKey extends Wrong {
  readonly path: Path;
  readonly value?: string;
}

interface Place {
  readonly path: Path;
  /** The keys that are known there. */
  readonly known: readonly string[];
}

/** `places`: where the fields of the upper levels are at home, by their names; see `placesOf`. */
export function unknownKey(
  key: string,
  value: unknown,
  { path, known }: Place,
  places: ReadonlyMap<string, string>,
): UnknownKey {
  const near = nearest(key, known);
  const called = near === undefined && isInsideSecret(path) ? hiddenKey : key;
  return {
    path: [...path, called],
    ...shown({ path, key, near }, value),
    problem: 'is not a known key',
    fix:
      wordFor(key, path) ??
      withoutSpace(key, known) ??
      (near === undefined ? homeOf(key, known, places) : `Did you mean ${near}?`),
  };
}

function wordFor(key: string, path: Path): string | undefined {
  const word = Object.hasOwn(words, key) ? words[key] : undefined;
  return word?.in === undefined || path.at(-1) === word.in ? word?.fix : undefined;
}

/** `parallelism=3:` and `{parallelism:3}`. */
function withoutSpace(key: string, known: readonly string[]): string | undefined {
  const before = /^(\w+)[=:]/.exec(key)?.[1];
  return before !== undefined && known.includes(before)
    ? `Write a colon and a space: ${before}: and the value.`
    : undefined;
}

function homeOf(key: string, known: readonly string[], places: ReadonlyMap<string, string>): string {
  const place = places.get(key);
  return place === undefined ? `Known here: ${known.join(', ')}.` : `It belongs to ${place}.`;
}

const secretWord = /secret|passw|token|credential|api_?key/i;

/** A text may be a secret unless it stands behind a known key that is only misspelt. */
function shown(
  { path, key, near }: { path: Path; key: string; near: string | undefined },
  value: unknown,
): { readonly value?: string } {
  if ((near === undefined || secretWord.test(key)) && (typeof value !== 'object' || value === null))
    return { value: '(hidden)' };
  const text = valueText([...path, near ?? hiddenKey], value);
  return text === undefined ? {} : { value: text };
}

/** Where the fields of the upper levels are at home, for keys that stand in the wrong place: `namespace` → `spec.namespace`. */
export function placesOf(schema: z.core.$ZodType): ReadonlyMap<string, string> {
  const top = shapeFor(schema, {});
  if (top.is !== 'object') return new Map();
  return new Map(
    Object.entries(top.fields).flatMap(([part, field]) => {
      const shape = shapeFor(field, {});
      return shape.is === 'object' ? Object.keys(shape.fields).map((key) => [key, `${part}.${key}`] as const) : [];
    }),
  );
}

export const mergeKeys = 'Merge keys are not read: write the keys out.';

/** What Kubernetes, or YAML, calls by another name. `in`: only right below a key of this name. */
const words: Readonly<Record<string, { readonly fix: string; readonly in?: string }>> = {
  '<<': { fix: mergeKeys },
  persistentVolumeClaim: { fix: 'Write pvc: { claimName: … }.' },
  secretName: { in: 'secret', fix: 'Write name.' },
  items: {
    fix: 'Write key for the one key, and path for its file name; for several keys mount each, or leave both out.',
  },
  volumes: {
    fix: 'Each item of volumeMounts holds its volume: name, mountPath, and one of configMap, secret, hostPath, emptyDir and pvc.',
  },
  imagePullPolicy: {
    fix: 'It is not offered: Kubernetes pulls the tag latest each time and others only where they are missing, so give each image a tag of its own.',
  },
  imagePullSecrets: { fix: 'Write image.pullSecretName.' },
  secretKeyRef: { fix: 'Write secretRef, under env.secrets.' },
  envFrom: { in: 'spec', fix: 'It belongs to spec.env.envFrom.' },
  template: { fix: 'There is no pod template: image, command, args, env and volumeMounts stand in spec.' },
  containers: { fix: 'A job has one container: image, command, args, env and volumeMounts stand in spec.' },
};
