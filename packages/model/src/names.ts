import { createHash } from 'node:crypto';

/** The longest DNS-1123 label, and the longest label value. */
const maxLength = 63;
const hashLength = 10;

/**
 * A DNS-1123 label (`[a-z0-9]([-a-z0-9]*[a-z0-9])?`, at most 63 characters) for any list of values.
 *
 * `readable` is what people recognise; it is lowered, cleaned and cut as needed. `identity` is what makes the name unique:
 * all of it goes into the hash before anything is cut, so two different identities never share a name, however alike they read.
 */
export function dnsName(readable: readonly string[], identity: readonly string[]): string {
  const hash = shortHash(identity);
  const prefix = slug(readable.join('-'))
    .slice(0, maxLength - hashLength - 1)
    .replace(/-+$/, '');
  return prefix === '' ? `x-${hash}` : `${prefix}-${hash}`;
}

/** Ten hexadecimal characters over a list of strings; `["a", "bc"]` and `["ab", "c"]` differ. */
export function shortHash(values: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, hashLength);
}

/**
 * A legal label value that reads like `text`. Not unique: what has to be exact goes into an annotation.
 * Kubernetes refuses `owner/repo`, leading or trailing punctuation and more than 63 characters.
 */
export function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, maxLength)
    .replace(/[^A-Za-z0-9]+$/, '');
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '');
}
