import type { Source } from './sources.ts';

const EXACT = /^\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/;
const FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/** Dependencies that are not pinned: the same clone must install the same code tomorrow. Pure. */
export function looseVersions(manifests: readonly Source[]): readonly string[] {
  return manifests.flatMap(({ path, text }) => {
    const manifest = JSON.parse(text) as Partial<Record<(typeof FIELDS)[number], Record<string, string>>>;
    return FIELDS.flatMap((field) => Object.entries(manifest[field] ?? {}))
      .filter(([, version]) => !EXACT.test(version.replace(/^npm:(@?[^@]+)@/, '')))
      .map(([name, version]) => `${path}: ${name} is "${version}"; write the exact version`);
  });
}
