/** What the API server takes for an object is 1.5 MiB; a manifest has to fit with room for what is made of it. */
export const maxManifestBytes = 1024 * 1024;

/** Anchors are allowed, and a few uses of them. A bomb needs many. */
export const maxAliases = 64;
