import { randomBytes } from 'node:crypto';
import { serveApi } from './api.ts';
import { createAppKey } from './app-key.ts';
import { createControl } from './control/control.ts';
import { serveControl } from './control/serve.ts';
import { createDeliveries, type Delivery, type Hook } from './deliveries.ts';
import { type FakeRepository, repositoryHandle } from './handles.ts';
import { createServer } from './server.ts';
import { createWorld } from './world.ts';
import type { AddressInfo } from 'node:net';
import type { RepositoryInput } from './control/input.ts';
import type { Json } from './openapi/description.ts';

export interface FakeGitHubOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Default 127.0.0.1: the control API asks nobody for a password. */
  readonly host?: string;
  /** Where webhooks go. Without it they are recorded as failed, and can be redelivered once it is set. */
  readonly webhookUrl?: string;
  /** Default: a random one. */
  readonly webhookSecret?: string;
  readonly now?: () => Date;
  /** Gets a line per request and per delivery. */
  readonly log?: (line: string) => void;
}

export type SettingName = 'GITHUB_API_URL' | 'GITHUB_APP_ID' | 'GITHUB_APP_PRIVATE_KEY_PATH' | 'GITHUB_WEBHOOK_SECRET';

export interface FakeGitHub extends AsyncDisposable {
  readonly url: string;
  /** What points a server at this fake. */
  readonly settings: Readonly<Record<SettingName, string>>;
  readonly setWebhookUrl: (url: string) => void;
  readonly repository: (input: RepositoryInput) => Promise<FakeRepository>;
  /** All of them, oldest first. */
  readonly deliveries: () => readonly Delivery[];
  readonly redeliver: (id: string) => Promise<Delivery>;
  /** Sends any payload, signed; `headers` replace the usual ones, for tests of what a receiver must refuse. */
  readonly deliver: (event: string, payload: object, headers?: Readonly<Record<string, string>>) => Promise<Delivery>;
  readonly ping: () => Promise<Delivery>;
  /** Answers and payloads of ours that break GitHub's description. Anything here is a fault of the fake. */
  readonly violations: readonly string[];
  readonly stop: () => Promise<void>;
}

/** GitHub gives a receiver ten seconds. */
const deliveryTimeoutMs = 10_000;
const stopGraceMs = 2_000;

export async function startFakeGitHub(options: FakeGitHubOptions = {}): Promise<FakeGitHub> {
  const { port = 0, host = '127.0.0.1', now = () => new Date(), log = () => {} } = options;
  const violations: string[] = [];
  const violated = (violation: string) => {
    violations.push(violation);
    log(`VIOLATION ${violation}`);
  };

  const world = createWorld({ now, origin: () => originOf(server.server.address() as AddressInfo) });
  const hook: Hook = {
    id: world.nextId(),
    appId: world.app.id,
    secret: options.webhookSecret ?? randomBytes(32).toString('hex'),
    timeoutMs: deliveryTimeoutMs,
    url: options.webhookUrl,
  };
  const deliveries = createDeliveries(hook, log);
  const control = createControl({ world, deliveries, hook, violated });
  const server = createServer(() => world, log);
  serveControl(server, control, deliveries);
  const key = await createAppKey();
  try {
    serveApi(server, { world, publicKey: key.publicKey, violated });
    await server.listen({ port, host });
  } catch (error) {
    await key.remove();
    throw error;
  }

  const url = world.origin();
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= release());
  async function release(): Promise<void> {
    await deliveries.settle(stopGraceMs);
    await server.close();
    await key.remove();
  }

  return {
    url,
    settings: {
      GITHUB_API_URL: url,
      GITHUB_APP_ID: String(world.app.id),
      GITHUB_APP_PRIVATE_KEY_PATH: key.path,
      GITHUB_WEBHOOK_SECRET: hook.secret,
    },
    setWebhookUrl: (address) => {
      hook.url = address;
    },
    repository: async (input) => repositoryHandle(control, control.createRepository(input)),
    deliveries: () => deliveries.list(),
    redeliver: control.redeliver,
    deliver: (event, payload, headers = {}) => deliveries.send(event, payload as Json, { headers }),
    ping: control.ping,
    violations,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Someone who listens everywhere is still reached at the loopback address from here. */
function originOf({ address, family, port }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return `http://127.0.0.1:${port}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
