import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface AppKey {
  readonly path: string;
  readonly publicKey: KeyObject;
  readonly remove: () => Promise<void>;
}

/** Makes the App's key, in the format that GitHub hands out (PKCS#1), in a file and folder that only this user may read. */
export async function createAppKey(): Promise<AppKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  // mkdtemp makes the folder 0700.
  const folder = await mkdtemp(join(tmpdir(), 'ephemera-fake-github-'));
  const path = join(folder, 'app.pem');
  await writeFile(path, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  // A process that ends without stopping the fake must not leave the key either.
  const atExit = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', atExit);
  return {
    path,
    publicKey: createPublicKey(privateKey),
    remove: async () => {
      process.off('exit', atExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
