import { isRecord, shown, type Findings } from './findings.ts';

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const annotationName = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelText = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const qualifiedName = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
/** The API server takes 256 KiB of annotations in all, and some of them are ours. */
const mostMetadata = 64 * 1024;

export function isLabel(value: unknown): value is string {
  return typeof value === 'string' && label.test(value);
}

/** The name of an object of the cluster; undefined stays. */
export function checkObjectName(found: Findings, path: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && subdomain.test(value)) return value;
  found.add(path, `is ${shown(value)}`, 'give the name of an object: small letters, digits, - and .');
  return undefined;
}

export function checkName(found: Findings, path: string, value: unknown): string | undefined {
  if (value === undefined || isLabel(value)) return value;
  found.add(
    path,
    `is ${shown(value)}`,
    'use 1 to 63 small letters, digits and -, with a letter or digit at both ends.',
  );
  return undefined;
}

/** Only what no image can be called; all else the cluster knows better, and says so. */
export function checkImage(found: Findings, path: string, value: unknown): string {
  if (typeof value === 'string' && /^[^\s\p{Cc}\p{Cf}]{1,1000}$/u.test(value)) return value;
  found.add(path, `is ${shown(value)}`, 'name an image, for example busybox:1.');
  return '';
}

export function checkMetadata(found: Findings, path: string, value: unknown): Readonly<Record<string, string>> {
  const checked: Record<string, string> = {};
  let bytes = 0;
  for (const [name, text] of entries(found, path, value)) {
    if (!annotationName.test(name)) {
      found.add(path, `has the name ${shown(name)}`, 'use 1 to 63 letters, digits, -, _ and . for the name.');
    } else if (typeof text !== 'string') found.add(`${path}.${name}`, `is ${shown(text)}`, 'give a text.');
    else checked[name] = text;
    bytes += Buffer.byteLength(name) + Buffer.byteLength(String(text));
  }
  if (bytes > mostMetadata) found.add(path, `has ${bytes} bytes`, `give ${mostMetadata} bytes at most.`);
  return checked;
}

export function checkNodeSelector(found: Findings, path: string, value: unknown): Readonly<Record<string, string>> {
  const checked: Record<string, string> = {};
  for (const [name, text] of entries(found, path, value)) {
    if (qualifiedName.test(name) && typeof text === 'string' && labelText.test(text)) checked[name] = text;
    else found.add(path, `has ${shown(name)}: ${shown(text)}`, 'give labels of nodes and their values.');
  }
  return checked;
}

function entries(found: Findings, path: string, value: unknown): readonly (readonly [string, unknown])[] {
  if (value === undefined) return [];
  if (isRecord(value)) return Object.entries(value);
  found.add(path, `is ${shown(value)}`, 'give names and texts.');
  return [];
}
