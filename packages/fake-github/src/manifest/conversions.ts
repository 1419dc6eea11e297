import { randomBytes } from 'node:crypto';
import { revokeTokens } from '../app-auth.ts';
import { installations } from '../installations.ts';
import type { AppKey } from '../app-key.ts';
import type { Hook } from '../deliveries.ts';
import type { User, World } from '../state.ts';
import type { Manifest } from './input.ts';

/** GitHub's codes work for an hour. */
const codeLifeMs = 3_600_000;

/** Manifests that wait for the call that turns their code into an App. */
export interface Conversions {
  /** Keeps a manifest and gives its code. */
  readonly keep: (manifest: Manifest, owner: User) => string;
  /** Makes the fake's App the one of the code. Undefined: the code is unknown, used or too old. */
  readonly convert: (code: string) => Promise<Converted | undefined>;
}

/** What only the conversion tells. */
export interface Converted {
  readonly client_id: string;
  readonly client_secret: string;
  readonly webhook_secret: string;
  readonly pem: string;
}

interface Kept {
  readonly manifest: Manifest;
  readonly owner: User;
  readonly until: number;
}

export function createConversions(world: World, hook: Hook, key: Pick<AppKey, 'renew'>): Conversions {
  const waiting = new Map<string, Kept>();
  return {
    keep: (manifest, owner) => {
      const code = randomBytes(20).toString('hex');
      waiting.set(code, { manifest, owner, until: world.now().getTime() + codeLifeMs });
      return code;
    },
    convert: async (code) => {
      const kept = waiting.get(code);
      waiting.delete(code);
      if (kept === undefined || kept.until <= world.now().getTime()) return undefined;
      const { pem, publicKey } = await key.renew();
      become(world, kept);
      world.app.publicKey = publicKey;
      const secret = randomBytes(20).toString('hex');
      const { url } = kept.manifest.hook_attributes ?? {};
      Object.assign(hook, { appId: world.app.id, secret, ...(url !== undefined && { url }) });
      const client_secret = randomBytes(20).toString('hex');
      return { client_id: world.app.clientId, client_secret, webhook_secret: secret, pem };
    },
  };
}

/** The App's installations stay, with what the new one asks for, as if it had been this App from the start. */
function become(world: World, { manifest, owner }: Kept): void {
  const { app } = world;
  const id = world.nextId();
  const name = manifest.name ?? `${owner.login}-app-${id}`;
  Object.assign(app, {
    id,
    name,
    slug:
      name
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '-')
        .replaceAll(/^-|-$/g, '') || `app-${id}`,
    createdAt: world.now(),
    clientId: `Iv1.${randomBytes(8).toString('hex')}`,
    externalUrl: manifest.url,
    owner,
    permissions: { metadata: 'read', ...manifest.default_permissions },
    events: manifest.default_events ?? [],
  });
  revokeTokens(world);
  for (const installation of installations(world)) {
    Object.assign(installation, { permissions: app.permissions, updatedAt: world.now() });
  }
}
