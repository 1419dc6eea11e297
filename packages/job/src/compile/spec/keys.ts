import type { z } from 'zod';
import type { Finding, Path } from './finding.ts';
import { nearest } from './nearest.ts';
import { isMap, isObject, shapeFor, takesNull } from './shape.ts';

interface Keys {
  readonly value: unknown;
  readonly findings: readonly Finding[];
}

type Fields = Readonly<Record<string, z.core.$ZodType>>;

/**
 * The manifest with camelCase keys, as a copy. The schema says which keys are ours: in the maps of users (labels, environment, …) every
 * key stays as it is. Unknown keys and keys in both spellings are findings, and left out. So are keys with nothing behind them (`env:`),
 * which YAML reads as null, except where null says something. Pure.
 */
export function readKeys(schema: z.core.$ZodType, manifest: unknown): Keys {
  const findings: Finding[] = [];
  const places = placesOf(schema);
  return { value: read(schema, manifest, []), findings };

  function read(at: z.core.$ZodType, value: unknown, path: Path): unknown {
    const shape = shapeFor(at, value);
    if (shape.is === 'list' && Array.isArray(value)) {
      return Array.from(value, (item: unknown, index) => read(shape.item, item, [...path, index]));
    }
    // Instances of classes too: what comes out is always a plain object, so that what follows need not know of others.
    if (shape.is === 'object' && isObject(value)) return readObject(shape.fields, value, path);
    if (shape.is === 'map' && isMap(value)) return readMap(shape.value, value, path);
    return value;
  }

  function readObject(fields: Fields, value: Readonly<Record<string, unknown>>, path: Path): unknown {
    const spellings = new Map<string, string>();
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      const name = nameOf(key, fields);
      const other = name === undefined ? undefined : spellings.get(name);
      if (name === undefined) findings.push(unknownKey(key, Object.keys(fields), path, places));
      else if (other !== undefined) findings.push(twice(name, [other, key], path));
      else {
        spellings.set(name, key);
        const field = fields[name];
        if (field !== undefined && (item !== null || takesNull(field)))
          result[name] = read(field, item, [...path, name]);
      }
    }
    return result;
  }

  function readMap(item: z.core.$ZodType, value: Readonly<Record<string, unknown>>, path: Path): unknown {
    const entries = Object.entries(value).filter(([key]) => {
      if (key !== '__proto__') return true;
      findings.push({
        path: [...path, key],
        problem: 'has a name that JavaScript keeps for itself',
        fix: 'Choose another name.',
      });
      return false;
    });
    return Object.fromEntries(entries.map(([key, entry]) => [key, read(item, entry, [...path, key])]));
  }
}

/** The name of the field that a key means: the key itself, or the key in camelCase. */
export function nameOf(key: string, fields: Fields): string | undefined {
  if (Object.hasOwn(fields, key)) return key;
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(key)) return undefined;
  const camel = key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return Object.hasOwn(fields, camel) ? camel : undefined;
}

function twice(name: string, spellings: readonly [string, string], path: Path): Finding {
  return {
    path: [...path, name],
    problem: `is written twice, as ${spellings[0]} and as ${spellings[1]}`,
    fix: 'Keep one of the two.',
  };
}

function unknownKey(key: string, known: readonly string[], path: Path, places: ReadonlyMap<string, string>): Finding {
  const near = nearest(key, known);
  const place = places.get(key);
  const finding = { path: [...path, key], problem: 'is not a known key' };
  if (near !== undefined) return { ...finding, fix: `Did you mean ${near}?` };
  if (place !== undefined) return { ...finding, fix: `It belongs to ${place}.` };
  return { ...finding, fix: `Known here: ${known.join(', ')}.` };
}

/** Where the fields of the upper levels are at home, for keys that stand in the wrong place: `namespace` → `spec.namespace`. */
function placesOf(schema: z.core.$ZodType): ReadonlyMap<string, string> {
  const top = shapeFor(schema, {});
  if (top.is !== 'object') return new Map();
  return new Map(
    Object.entries(top.fields).flatMap(([part, field]) => {
      const shape = shapeFor(field, {});
      return shape.is === 'object' ? Object.keys(shape.fields).map((key) => [key, `${part}.${key}`] as const) : [];
    }),
  );
}
