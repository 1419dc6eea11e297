import { randomBytes } from 'node:crypto';
import { serveApi } from './api.ts';
import { createAppKey } from './app-key.ts';
import { createControl } from './control/control.ts';
import { serveControl } from './control/serve.ts';
import { createDeliveries, type Delivery, type Hook } from './deliveries.ts';
import { createFaults, type FaultView } from './faults/faults.ts';
import { type FaultInput, faultsInput } from './faults/input.ts';
import { type FakeInstallation, type FakeRepository, installationHandle, repositoryHandle } from './handles.ts';
import { createConversions } from './manifest/conversions.ts';
import { serveManifest } from './manifest/serve.ts';
import { createIssuer } from './oidc/issuer.ts';
import { serveOidc } from './oidc/serve.ts';
import { createBudget, limitInput, type LimitInput } from './rate-limit.ts';
import { createServer } from './server.ts';
import { createTraffic, type RouteCount, type Write } from './traffic.ts';
import { createWorld } from './world.ts';
import type { AddressInfo } from 'node:net';
import type { RotateInput } from './oidc/input.ts';
import { parseInput, type RepositoryInput } from './control/input.ts';
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

export type SettingName =
  | 'GITHUB_API_URL'
  | 'GITHUB_APP_ID'
  | 'GITHUB_APP_PRIVATE_KEY_PATH'
  | 'GITHUB_WEBHOOK_SECRET'
  | 'OIDC_ISSUER';

export interface FakeGitHub extends AsyncDisposable {
  readonly url: string;
  /** What points a server at this fake. Others once the manifest flow made another App. */
  readonly settings: Readonly<Record<SettingName, string>>;
  readonly setWebhookUrl: (url: string) => void;
  readonly repository: (input: RepositoryInput) => Promise<FakeRepository>;
  /** The App's installation on an account. An account that was not mentioned before has one, like all owners. */
  readonly installation: (owner: string) => FakeInstallation;
  /** All installation tokens so far get a 401 from now on. */
  readonly revokeTokens: () => void;
  /** The tokens of Actions are signed with another key from now on. `forget`: those of before are not published any more. */
  readonly rotateKeys: (input?: RotateInput) => Promise<void>;
  /** Replaces the faults that are in force. */
  readonly faults: (list: readonly FaultInput[]) => void;
  /** Ends all faults and sends what they hold back. Returns how often each struck. */
  readonly clearFaults: () => readonly FaultView[];
  /** The faults in force, with how often each struck. */
  readonly faultsInForce: () => readonly FaultView[];
  /** Lets every installation run out of its primary rate limit, until the time is up or `liftLimit`. */
  readonly limit: (input: LimitInput) => void;
  readonly liftLimit: () => void;
  /** Calls that put a status, a comment or a check run on GitHub, or tried to; oldest first. */
  readonly writes: () => readonly Write[];
  /** How many requests each route of the API and of the issuer answered. */
  readonly requests: () => readonly RouteCount[];
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

  const key = await createAppKey();
  const { publicKey } = key;
  // Kept: each look at the socket's address is a system call, and a payload has dozens of addresses.
  let listening: string | undefined;
  const origin = () => (listening ??= originOf(server.server.address() as AddressInfo));
  const world = createWorld({ now, origin, publicKey });
  const hook: Hook = {
    id: world.nextId(),
    appId: world.app.id,
    secret: options.webhookSecret ?? randomBytes(32).toString('hex'),
    timeoutMs: deliveryTimeoutMs,
    url: options.webhookUrl,
  };
  const faults = createFaults();
  const budget = createBudget(world);
  const traffic = createTraffic();
  const deliveries = createDeliveries({ world, hook, faults, log });
  const conversions = createConversions(world, hook, key);
  const issuer = createIssuer(world);
  const control = createControl({ world, deliveries, hook, issuer, violated });
  const stopping = new AbortController();
  const server = createServer(() => world, log);
  serveControl(server, { control, deliveries, faults, budget, traffic });
  serveManifest(server, world, conversions);
  serveOidc(server, { world, issuer, faults, traffic, stopping: stopping.signal });
  const services = { hook, deliveries, budget, conversions };
  try {
    serveApi(server, { ...services, world, faults, traffic, stopping: stopping.signal, violated });
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
    stopping.abort(new Error('the fake was stopped'));
    await server.close();
    await key.remove();
  }

  return {
    url,
    get settings() {
      return {
        GITHUB_API_URL: url,
        GITHUB_APP_ID: String(world.app.id),
        GITHUB_APP_PRIVATE_KEY_PATH: key.path,
        GITHUB_WEBHOOK_SECRET: hook.secret,
        OIDC_ISSUER: issuer.url(),
      };
    },
    setWebhookUrl: (address) => {
      hook.url = address;
    },
    repository: async (input) => repositoryHandle(control, control.createRepository(input)),
    installation: (owner) => installationHandle(control, owner),
    revokeTokens: control.revokeTokens,
    rotateKeys: (input = {}) => control.rotateKeys(input),
    faults: (list) => faults.set(parseInput(faultsInput, list)),
    clearFaults: () => {
      const struck = faults.list();
      faults.set([]);
      return struck;
    },
    faultsInForce: faults.list,
    limit: (input) => budget.limit(parseInput(limitInput, input)),
    liftLimit: budget.lift,
    writes: traffic.writes,
    requests: traffic.requests,
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
