import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TarEntry } from './tar.ts';

export function folder(path: string, mode = 0o755): TarEntry {
  return { path, kind: 'folder', mode };
}

export function link(path: string, target: string): TarEntry {
  return { path, kind: 'symlink', mode: 0o777, target };
}

export function text(path: string, content: string): TarEntry {
  return { path, kind: 'file', mode: 0o644, content: Buffer.from(content) };
}

/** A program of the machine under another path. */
export function program(path: string, from: string): TarEntry {
  return { path, kind: 'file', mode: 0o755, content: readFileSync(from) };
}

/** The certificates that Debian trusts, in the one file where its libraries and Go look for them. */
export function trustedAuthorities(debian: string): TarEntry[] {
  const from = join(debian, 'usr', 'share', 'ca-certificates', 'mozilla');
  const bundle = readdirSync(from)
    .filter((name) => name.endsWith('.crt'))
    .toSorted()
    .map((name) => readFileSync(join(from, name), 'utf8').trimEnd());
  return [
    folder('etc/ssl'),
    folder('etc/ssl/certs'),
    text('etc/ssl/certs/ca-certificates.crt', `${bundle.join('\n')}\n`),
  ];
}
