import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface AppKey {
  readonly path: string;
  readonly publicKey: KeyObject;
  /** Puts another key in its place, for the App that the manifest flow makes. `pem` is the private one. */
  readonly renew: () => Promise<{ readonly pem: string; readonly publicKey: KeyObject }>;
  readonly remove: () => Promise<void>;
}

/** Makes the App's key, in the format that GitHub hands out (PKCS#1), in a file and folder that only this user may read. */
export async function createAppKey(): Promise<AppKey> {
  const { pem, publicKey } = await makeKey();
  // mkdtemp makes the folder 0700.
  const folder = await mkdtemp(join(tmpdir(), 'ephemera-fake-github-'));
  const path = join(folder, 'app.pem');
  await writeFile(path, pem, { mode: 0o600 });
  // A process that ends without stopping the fake must not leave the key either.
  const atExit = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', atExit);
  return {
    path,
    publicKey,
    renew: async () => {
      const made = await makeKey();
      await writeFile(path, made.pem, { mode: 0o600 });
      return made;
    },
    remove: async () => {
      process.off('exit', atExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeKey(): Promise<{ pem: string; publicKey: KeyObject }> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return {
    pem: privateKey.export({ type: 'pkcs1', format: 'pem' }),
    publicKey: createPublicKey(privateKey),
  };
}
