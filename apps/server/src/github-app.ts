/** What the GitHub App asks for: the manifest of `setup github` and the checks of `doctor` are made of this. */

export type Level = 'read' | 'write';

export const neededPermissions: Readonly<Record<string, { readonly level: Level; readonly because: string }>> = {
  metadata: { level: 'read', because: 'finding repositories, also renamed ones' },
  pull_requests: { level: 'write', because: 'reading pull requests, and the one comment' },
  statuses: { level: 'write', because: 'the commit status ephemera/environment' },
  checks: { level: 'write', because: 'the check run with the timeline' },
};

/** Those that an App subscribes to. `installation` and `installation_repositories` come to every App by themselves. */
export const neededEvents = ['pull_request', 'repository'] as const;

/** Where the server takes webhooks. */
export const webhookPath = '/webhooks/github';

/** What `setup github` fills in while nobody knows the server's address: GitHub wants one, and takes none of this machine. */
export const placeholderUrl = 'https://example.com';

export function covers(granted: string | undefined, needed: Level): boolean {
  return granted === needed || granted === 'write' || granted === 'admin';
}

/** What is needed and not granted, as `name: level`. Pure. */
export function missingPermissions(granted: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(neededPermissions)
    .filter(([name, { level }]) => !covers(granted[name], level))
    .map(([name, { level }]) => `${name}: ${level}`);
}

/** What is granted and not needed, as `name: level`. Pure. */
export function surplusPermissions(granted: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(granted)
    .filter(([name, level]) => {
      const needed = neededPermissions[name];
      return needed === undefined || (needed.level === 'read' && level !== 'read');
    })
    .map(([name, level]) => `${name}: ${level}`);
}
