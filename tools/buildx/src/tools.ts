import { join } from 'node:path';
import type { Tool } from '@ephemera/local-cluster';

export const buildxVersion = 'v0.36.1';
export const buildkitVersion = 'v0.33.1';

/** The client: it makes builders in the cluster and talks to them. */
export const buildx: Tool = {
  name: 'buildx',
  version: buildxVersion,
  binaries: ['buildx'],
  source: { packages: ['github.com/docker/buildx/cmd/buildx'] },
  stamps: { 'github.com/docker/buildx/version.Version': buildxVersion },
};

/** The builder. A module of ours pins it, because `go install` refuses a module whose go.mod excludes others. */
export const buildkit: Tool = {
  name: 'buildkit',
  version: buildkitVersion,
  binaries: ['buildkitd', 'buildctl'],
  // Go's word for all programs that the module names as tools.
  source: { module: 'buildkit', folder: join(import.meta.dirname, '..', 'go'), program: 'tool' },
  stamps: { 'github.com/moby/buildkit/version.Version': buildkitVersion },
};
