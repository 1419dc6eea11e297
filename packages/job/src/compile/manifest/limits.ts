/** What the API server takes for an object is 1.5 MiB; a manifest has to fit with room for what is made of it. */
export const maxManifestBytes = 1024 * 1024;

/** Anchors are allowed, and a few uses of them. A bomb needs many. */
export const maxAliases = 64;

/** Levels of brackets, or of `- ? :` on one line. A manifest needs ten. */
export const maxDepth = 64;

/** Of the YAML lexer, which makes about eight of a line: manifests of 25,000 lines. */
export const maxTokens = 200_000;
