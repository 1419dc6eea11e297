/** Everything that is pinned. A changed version changes the key of the tool's folder, so it is built anew. */

export const kubernetes = {
  version: 'v1.36.3',
  major: '1',
  minor: '36',
  /** Stamped instead of the time of the build: the same sources give the same binary. */
  buildDate: '2026-01-01T00:00:00Z',
};

export const containerd = 'v2.3.7';
export const runc = 'v1.4.3';
export const cniPlugins = 'v1.9.1';
export const coredns = 'v1.14.7';
export const registry = 'v3.1.1';

/** Any Go from here on fetches the exact toolchain that a module names. */
export const oldestGo = { major: 1, minor: 21 };

/** The names under which the two images made on the spot are known. */
export const pauseImage = 'docker.io/local/pause:1';
export const busyboxImage = 'docker.io/library/busybox:1';

/** Registries whose names the local one answers for. */
export const publicRegistries = ['docker.io', 'ghcr.io', 'quay.io', 'registry.k8s.io'];
