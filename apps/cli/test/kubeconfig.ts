import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A kubeconfig with these contexts, the first one current. */
export function kubeconfig(folder: string, contexts: readonly string[]): string {
  const path = join(folder, 'config');
  const server = { server: 'https://127.0.0.1:1' };
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': contexts[0],
      contexts: contexts.map((name) => ({ name, context: { cluster: 'c', user: 'u' } })),
      clusters: [{ name: 'c', cluster: server }],
      users: [{ name: 'u', user: { token: 't' } }],
    }),
  );
  return path;
}
