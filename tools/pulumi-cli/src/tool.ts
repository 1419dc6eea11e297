import { join } from 'node:path';
import type { Tool } from '@ephemera/local-cluster';

export const pulumiVersion = 'v3.259.0';

const sdk = 'github.com/pulumi/pulumi/sdk/v3';

/** What is built. The module pins the program, because `go install` refuses a module whose go.mod replaces others. */
export const pulumi: Tool = {
  name: 'pulumi',
  version: pulumiVersion,
  binaries: ['pulumi'],
  source: {
    module: 'pulumi',
    folder: join(import.meta.dirname, '..', 'go'),
    program: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi',
  },
  // Unstamped it has no version, and Pulumi's Automation API refuses it.
  stamps: { [`${sdk}/go/common/version.Version`]: pulumiVersion },
};
