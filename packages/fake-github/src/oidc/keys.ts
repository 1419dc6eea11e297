import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';

/** GitHub signs with RSA alone. */
export const algorithm = 'RS256';

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly published: JWK;
}

/** The keys of an issuer: the newest one signs, all that are published are good. */
export interface SigningKeys {
  readonly current: () => Promise<SigningKey>;
  readonly published: () => Promise<readonly JWK[]>;
  /** `forget`: the keys so far are not published any more. */
  readonly rotate: (options: { readonly forget: boolean }) => Promise<void>;
}

/** The first key is made when somebody asks for it: most uses of the fake never do, and an RSA key takes a while. */
export function createSigningKeys(): SigningKeys {
  let keys: Promise<readonly SigningKey[]> | undefined;
  const all = () => (keys ??= makeKey().then((key) => [key]));
  return {
    current: async () => {
      const [newest] = await all();
      if (newest === undefined) throw new TypeError('an issuer has at least one key');
      return newest;
    },
    published: async () => (await all()).map(({ published }) => published),
    rotate: async ({ forget }) => {
      const before = await all();
      const added = await makeKey();
      keys = Promise.resolve([added, ...(forget ? [] : before)]);
    },
  };
}

async function makeKey(): Promise<SigningKey> {
  const kid = randomBytes(16).toString('hex');
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { modulusLength: 2048 });
  const published = { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: algorithm };
  return { kid, privateKey, published };
}
