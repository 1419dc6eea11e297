const OLDEST_MAJOR = 20;

/** Ends the process where its Node cannot even start the installer. */
export function requireNode() {
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR) return;
  process.stderr.write(
    `Ephemera needs Node ${OLDEST_MAJOR} or later to start; this is ${process.version} (${process.execPath}).\n` +
      `Install a newer Node. Ephemera then brings the exact version that it runs on by itself.\n`,
  );
  process.exit(1);
}
