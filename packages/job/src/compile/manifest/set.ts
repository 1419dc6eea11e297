import type { z } from 'zod';
import { SetInvalid, type BadSetting } from '../errors.ts';
import { nameOf } from '../spec/keys.ts';
import { manifestSchema } from '../spec/manifest-schema.ts';
import { isMap, shapeFor } from '../spec/shape.ts';
import { pathText } from '../spec/show.ts';
import { splitSetting, type SetPath } from './set-path.ts';
import { settingValue } from './set-value.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * The manifest with settings over it, as a copy. Maps that are missing on the way are made; a list takes a place that it has, or the
 * next one. A key that stands in the manifest in its other spelling is the same key.
 *
 * Throws `SetInvalid` with all settings that cannot be used; no message holds the value of one.
 */
export function applySettings(manifest: Values, settings: readonly string[]): unknown {
  const bad: BadSetting[] = [];
  let value: unknown = manifest;
  for (const [place, setting] of settings.entries()) {
    const applied = apply(value, setting, place);
    if ('bad' in applied) bad.push(applied.bad);
    else ({ value } = applied);
  }
  const [first, ...others] = bad;
  if (first !== undefined) throw new SetInvalid(others.length === 0 ? first : { ...first, others });
  return value;
}

type Applied = { readonly value: unknown } | { readonly bad: BadSetting };

function apply(manifest: unknown, setting: string, place: number): Applied {
  const split = splitSetting(setting);
  if (split === undefined) {
    return {
      bad: {
        setting: `${place + 1} of --set`,
        problem: 'is not path=value',
        fix: 'Write for example spec.parallelism=3, spec.args[0]=x or metadata.labels["a.b/c"]=x.',
      },
    };
  }
  try {
    return { value: put({ schema: manifestSchema, whole: split.path }, manifest, split.path, split.text) };
  } catch (error) {
    if (error instanceof Refused) return { bad: error.bad };
    throw error;
  }
}

/** Leaves the recursion; never this module. */
class Refused extends Error {
  readonly bad: BadSetting;

  constructor(bad: BadSetting) {
    super(bad.problem);
    this.bad = bad;
  }
}

interface Where {
  /** Of the part that is being changed. Undefined: unknown, or the inside of a value. */
  readonly schema: z.core.$ZodType | undefined;
  readonly whole: SetPath;
}

function put(where: Where, into: unknown, path: SetPath, text: string): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return valueAt(where, text);
  return typeof part === 'number'
    ? putItem(where, into, [part, ...rest], text)
    : putKey(where, into, [part, ...rest], text);
}

function valueAt({ schema, whole }: Where, text: string): unknown {
  const read = settingValue(schema, text);
  if ('value' in read) return read.value;
  const { problem, fix } = read.unreadable;
  throw new Refused({ setting: pathText(whole), problem: `has a value that is not YAML: ${problem}`, fix });
}

function putItem(where: Where, into: unknown, [index, ...rest]: readonly [number, ...SetPath], text: string): unknown {
  const list: readonly unknown[] | undefined =
    into === undefined || into === null ? [] : Array.isArray(into) ? into : undefined;
  if (list === undefined) throw refused(where, rest, 'asks for an item of what is not a list');
  if (index > list.length)
    throw refused(where, rest, `asks for item ${index} of a list of ${list.length}, which counts from 0`);
  const shape = where.schema === undefined ? undefined : shapeFor(where.schema, list);
  const schema = shape?.is === 'list' ? shape.item : undefined;
  return list.toSpliced(index, 1, put({ ...where, schema }, list[index], rest, text));
}

function putKey(where: Where, into: unknown, [key, ...rest]: readonly [string, ...SetPath], text: string): unknown {
  const map = into === undefined || into === null ? {} : into;
  if (!isMap(map)) throw refused(where, rest, 'asks for a key of what is not a map');
  if (key === '__proto__') throw refused(where, rest, 'has a key that JavaScript keeps for itself');
  const { written, schema } = fieldOf(where.schema, map, key);
  return {
    ...map,
    [written]: put({ ...where, schema }, Object.hasOwn(map, written) ? map[written] : undefined, rest, text),
  };
}

/** The key as the manifest spells it already, and what the schema says about it. */
function fieldOf(
  schema: z.core.$ZodType | undefined,
  map: Values,
  key: string,
): { written: string; schema: z.core.$ZodType | undefined } {
  const shape = schema === undefined ? undefined : shapeFor(schema, map);
  if (shape?.is === 'map') return { written: key, schema: shape.value };
  if (shape?.is !== 'object') return { written: key, schema: undefined };
  const name = nameOf(key, shape.fields);
  const written =
    name === undefined ? undefined : Object.keys(map).find((other) => nameOf(other, shape.fields) === name);
  return { written: written ?? key, schema: name === undefined ? undefined : shape.fields[name] };
}

/** `rest` is what is still to come of the path, so that the message ends where the trouble is. */
function refused({ whole }: Where, rest: SetPath, problem: string): Refused {
  return new Refused({
    setting: pathText(whole),
    problem: rest.length === 0 ? problem : `${problem} at ${pathText(whole.slice(0, whole.length - rest.length))}`,
    fix: 'Look at what the manifest has there; [0] is the first item of a list.',
  });
}
