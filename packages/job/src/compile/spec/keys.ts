import type { z } from 'zod';
import type { Path, Wrong } from './finding.ts';
import { maxProblems } from './max-problems.ts';
import { isUnsetByEmpty } from './schema/optional-text.ts';
import { isMap, isObject, shapeFor, takesNull } from './shape.ts';
import { mergeKeys, placesOf, unknownKey } from './unknown-key.ts';

/** A finding about a key. `value`: what stands behind it, to be shown as it is. */
interface KeyFinding extends Wrong {
  readonly path: Path;
  readonly value?: string;
}

interface Keys {
  readonly value: unknown;
  readonly findings: readonly KeyFinding[];
}

type Fields = Readonly<Record<string, z.core.$ZodType>>;

/**
 * The manifest with camelCase keys, as a copy. The schema says which keys are ours: in the maps of users (labels, environment, …) every
 * key stays as it is. Unknown keys and keys in both spellings are findings, and left out. Left out are also keys with nothing behind them,
 * except where that says something, and optional texts that are empty. Pure.
 */
export function readKeys(schema: z.core.$ZodType, manifest: unknown): Keys {
  const findings: KeyFinding[] = [];
  const places = placesOf(schema);
  return { value: read(schema, manifest, []), findings };

  function read(at: z.core.$ZodType, value: unknown, path: Path): unknown {
    const shape = shapeFor(at, value);
    if (shape.is === 'list' && Array.isArray(value)) {
      return Array.from(value, (item: unknown, index) => read(shape.item, item, [...path, index]));
    }
    // Instances of classes too: what comes out is always a plain object, so that what follows need not know of others.
    if (shape.is === 'object' && isObject(value)) {
      // A Date or a Map has no fields, and is not the same as nothing: its name is refused as a text is.
      const hasNoFields = !isMap(value) && Object.keys(value).length === 0;
      return hasNoFields ? Object.prototype.toString.call(value) : readObject(shape.fields, value, path);
    }
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
      if (name === undefined) {
        // Those that nobody is shown are not searched for what was meant.
        findings.push(
          findings.length < maxProblems
            ? unknownKey(key, item, { path, known: Object.keys(fields) }, places)
            : { path: [...path, key], problem: 'is not a known key', fix: '' },
        );
      } else if (other !== undefined) findings.push(twice(name, [other, key], path));
      else {
        spellings.set(name, key);
        const field = fields[name];
        if (field !== undefined && !isUnset(field, item)) result[name] = read(field, item, [...path, name]);
      }
    }
    return result;
  }

  function readMap(item: z.core.$ZodType, value: Readonly<Record<string, unknown>>, path: Path): unknown {
    const entries = Object.entries(value).filter(([key, entry]) => {
      const wrong = wrongName(key, entry);
      if (wrong !== undefined) findings.push({ path: [...path, key], ...wrong });
      return wrong === undefined;
    });
    return Object.fromEntries(entries.map(([key, entry]) => [key, read(item, entry, [...path, key])]));
  }
}

/** `env:` with nothing behind it, which YAML reads as null, and an empty text where none can be meant. */
function isUnset(field: z.core.$ZodType, value: unknown): boolean {
  return (value === null && !takesNull(field)) || (value === '' && isUnsetByEmpty(field));
}

function wrongName(key: string, value: unknown): Wrong | undefined {
  if (key === '__proto__')
    return { problem: 'has a name that JavaScript keeps for itself', fix: 'Choose another name.' };
  // With a text behind it, it is the name of a variable.
  return key === '<<' && typeof value === 'object' ? { problem: 'is not a known key', fix: mergeKeys } : undefined;
}

/** The name of the field that a key means: the key itself, or the key in camelCase. */
export function nameOf(key: string, fields: Fields): string | undefined {
  if (Object.hasOwn(fields, key)) return key;
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(key)) return undefined;
  const camel = key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return Object.hasOwn(fields, camel) ? camel : undefined;
}

function twice(name: string, spellings: readonly [string, string], path: Path): KeyFinding {
  return {
    path: [...path, name],
    problem: `is written twice, as ${spellings[0]} and as ${spellings[1]}`,
    fix: 'Keep one of the two.',
  };
}
