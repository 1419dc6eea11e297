import { createRequire } from 'node:module';

/** The version of the Pulumi SDK that this host speaks for. */
export function sdkVersion(): string {
  const { version } = createRequire(import.meta.url)('@pulumi/pulumi/package.json') as { version: string };
  return version;
}
