import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that is gone with its scope, whatever modes and names are in it. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'ephemera-files-')));
  return {
    path,
    [Symbol.dispose]: () => {
      // Node's own removal stops at names that are no UTF-8.
      execFileSync('chmod', ['-R', 'u+rwX', path]);
      execFileSync('rm', ['-rf', path]);
    },
  };
}
