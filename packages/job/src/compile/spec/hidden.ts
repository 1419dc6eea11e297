import type { Path } from './finding.ts';

/** Where literal secrets stand. */
export const secretsPath: Path = ['spec', 'env', 'secrets'];

/** What a key is called of which nothing can be shown. */
export const hiddenKey = '(hidden key)';

/**
 * Literal secrets, and texts at places above them: whoever writes `env: KEY=…` has put a secret there. Also what has the place of a
 * repository and looks like a URL, or like a name with a password before the `@`.
 */
export function mayBeSecret(path: Path, value?: unknown): boolean {
  if (path.at(-2) === 'image' && path.at(-1) === 'repo') return hasCredentials(value);
  if (path.length <= secretsPath.length) return path.every((part, index) => part === secretsPath[index]);
  if (!isBelowSecrets(path)) return false;
  const [entry, part, ...rest] = path.slice(secretsPath.length);
  if (part === 'secretRef' || part === 'valueFrom') return rest.length === 0;
  return !(typeof entry === 'number' && part === 'name');
}

/** True for a place inside of one secret, and not for that of the secret itself. */
export function isInsideSecret(path: Path): boolean {
  return isBelowSecrets(path) && path.length > secretsPath.length;
}

/**
 * What may be shown of a key of the map at a path. The name of a secret is an identifier; what follows one, as in `API_KEY=…` and in
 * `API_KEY:…` without a space, is likely the secret. Elsewhere, too, a key with `=` or `:` is likely a key with its value.
 */
export function shownKey(path: Path, key: string): string {
  if (key === hiddenKey) return key;
  return isBelowSecrets(path) && path.length === secretsPath.length ? shownName(key) : cutAt(key, /[=:]/);
}

/** What may be shown of the name of a secret. */
export function shownName(name: string): string {
  return cutAt(name, /^[0-9]|[^A-Za-z0-9_]/);
}

/** True for the place of the name of a secret in the list form. */
export function isNameOfSecret(path: Path): boolean {
  return isBelowSecrets(path) && path.length === secretsPath.length + 2 && path.at(-1) === 'name';
}

function isBelowSecrets(path: Path): boolean {
  return secretsPath.every((part, index) => part === path[index]);
}

function hasCredentials(repo: unknown): boolean {
  return typeof repo === 'string' && (repo.includes('://') || /:[^@]*@/.test(repo));
}

function cutAt(text: string, end: RegExp): string {
  const at = text.search(end);
  return at === -1 ? text : `${text.slice(0, at)}…`;
}
