/** Everything that Ephemera writes into a cluster to recognise its own objects again. One file, so that a fork renames it once. */

export const labelPrefix = 'ephemera.dev';

/** Carried by every object of ours; the value is the id of the database (made once) that knows the object. */
export const instanceLabel = `${labelPrefix}/instance`;

/** The field manager of every server-side apply. */
export const fieldManager = 'ephemera';

/** The name under which people select all environments: `kubectl get namespaces -l app=ephemera`. */
export const appLabel = 'ephemera';
