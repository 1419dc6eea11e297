/** Keys and places in lists. */
export type SetPath = readonly (string | number)[];

const key = /^([A-Za-z0-9_-]+)/;
const index = /^\[(\d{1,6})\]/;
const quotedKey = /^\[("(?:[^"\\]|\\.)*")\]/;

/**
 * The path in front of the `=`, and the rest: `spec.volumeMounts[0].name=x`, `metadata.labels["a.b/c"]=x`. Undefined: it is none. Pure.
 */
export function splitSetting(setting: string): { readonly path: SetPath; readonly text: string } | undefined {
  const path: (string | number)[] = [];
  let rest = setting;
  while (!rest.startsWith('=')) {
    const part = nextPart(rest, path.length === 0);
    if (part === undefined) return undefined;
    path.push(part.value);
    rest = rest.slice(part.length);
  }
  return path.length === 0 ? undefined : { path, text: rest.slice(1) };
}

function nextPart(rest: string, first: boolean): { value: string | number; length: number } | undefined {
  const place = first ? null : index.exec(rest);
  if (place?.[1] !== undefined) return { value: Number(place[1]), length: place[0].length };
  const inQuotes = quotedKey.exec(rest);
  if (inQuotes?.[1] !== undefined) {
    const value = textOf(inQuotes[1]);
    return value === undefined ? undefined : { value, length: inQuotes[0].length };
  }
  const dot = first ? 0 : 1;
  if (!first && !rest.startsWith('.')) return undefined;
  const name = key.exec(rest.slice(dot))?.[1];
  return name === undefined ? undefined : { value: name, length: dot + name.length };
}

function textOf(json: string): string | undefined {
  try {
    return JSON.parse(json) as string;
  } catch {
    return undefined;
  }
}
