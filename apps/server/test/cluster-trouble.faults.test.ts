import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import type { FakePull } from '@ephemera/fake-github';
import { expect, test } from 'vitest';
import type { HttpCall, HttpRule } from './faults/http-rules.ts';
import { startKubeProxy, type KubeProxy } from './faults/kube-proxy.ts';
import { soon, startWorld, told, type World } from './world.ts';

interface Trouble extends AsyncDisposable {
  readonly world: World;
  readonly proxy: KubeProxy;
}

/** A real server whose way to the real cluster leads through a proxy. At the end the proxy is well again, so that all can be removed. */
async function startTrouble(settings: Readonly<Record<string, string>> = {}): Promise<Trouble> {
  await using stack = new AsyncDisposableStack();
  const proxy = stack.use(await startKubeProxy());
  // The sweep stays away: what is shown here has to come without it.
  const world = stack.use(
    await startWorld({
      settings: { KUBECONFIG_PATH: proxy.kubeconfigPath, SWEEP_EVERY_SECONDS: '86400', ...settings },
    }),
  );
  stack.defer(async () => {
    proxy.clear();
    proxy.release();
    await proxy.up().catch(() => {});
  });
  const owned = stack.move();
  return { world, proxy, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Opens a pull request, has it ready, closes it, and shows that nothing is left: under whatever rules are in force. */
async function throughLife({ world }: Trouble): Promise<void> {
  const pull = await world.repository.open({ head: 'feat/cart' });
  await soon(async () => expect(told(pull)).toBe('success: The environment is ready'), { timeout: 120_000 });
  const [environment] = await world.environments();
  const { items } = await ownNamespaces(world);
  expect(items.map(({ metadata }) => metadata.name)).toEqual([environment?.namespace]);
  await close(world, pull);
}

async function close(world: World, ...pulls: readonly FakePull[]): Promise<void> {
  for (const pull of pulls) await pull.close();
  for (const pull of pulls) await soon(async () => expect(told(pull)).toBe('success: Removed'), { timeout: 120_000 });
  expect((await ownNamespaces(world)).items).toEqual([]);
  for (const pull of pulls) expect(pull.comments()).toHaveLength(1);
}

interface Namespaces {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly uid: string } }[];
}

const ownNamespaces = (world: World) =>
  kubectlJson<Namespaces>('get', 'namespaces', '-l', `ephemera.dev/instance=${world.server.instance}`);

const writes = ['PATCH', 'DELETE'];
const guardrails =
  /^\/(api|apis)\/.*\/namespaces\/[^/?]+\/(resourcequotas|limitranges|networkpolicies|serviceaccounts)\//;
const watching = /[?&]watch=true/;
const namespaceList = /^\/api\/v1\/namespaces\?(?!.*watch=true)/;

/** True for about the given share of occurrences, and the same ones in each run. */
const share = (percent: number) => (occurrence: number) => (occurrence * 61) % 100 < percent;

const status = (code: number, reason: string, message: string, headers: Readonly<Record<string, string>> = {}) => ({
  status: code,
  headers,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message },
});
const conflict = status(409, 'Conflict', 'the object has been modified');
const internal = status(500, 'InternalError', 'etcdserver: request timed out');
const starting = status(503, 'ServiceUnavailable', 'the API server is starting');

const sometimes = (percent: number, fate: HttpRule['fate'] & object, method?: readonly string[]): HttpRule => ({
  ...(method === undefined ? {} : { method }),
  fate: (_call, occurrence) => (share(percent)(occurrence) ? (fate as Exclude<HttpRule['fate'], Function>) : undefined),
});

test.concurrent.each([
  ['409 on 20 % of the writes', sometimes(20, conflict, writes)],
  ['500 on 30 % of all calls', sometimes(30, internal)],
  ['503 on 30 % of all calls', sometimes(30, starting)],
  [
    'reset connections on 30 % of all calls',
    { fate: (_call, occurrence) => (share(30)(occurrence) ? 'reset' : undefined) },
  ],
  [
    'an answer that is lost after its effect on half of the writes',
    { method: writes, fate: (_call, occurrence) => (share(50)(occurrence) ? 'forward-and-reset' : undefined) },
  ],
] satisfies [string, HttpRule][])(
  '%s: an environment is made once, removed whole, and GitHub hears the same',
  async (_what, rule) => {
    await using trouble = await startTrouble();
    const active = trouble.proxy.rule(rule);
    await throughLife(trouble);
    expect(active.hits()).toBeGreaterThan(0);
  },
);

test.concurrent('case 10: Retry-After is kept for a class of calls, what is urgent goes on, and all converges with few more calls', async () => {
  await using calm = await startTrouble();
  const undisturbed = await threeComeOneGoes(calm, async () => {});

  await using trouble = await startTrouble();
  const { proxy } = trouble;
  const refusedAt: number[] = [];
  const made = await threeComeOneGoes(trouble, async (removal) => {
    proxy.rule({
      path: guardrails,
      fate: (_call, occurrence) => {
        if (refusedAt.length >= 4 || !share(50)(occurrence)) return undefined;
        refusedAt.push(performance.now());
        return status(429, 'TooManyRequests', 'too many requests', { 'retry-after': '7' });
      },
    });
    proxy.rule(sometimes(20, conflict, writes));
    return async () => {
      await soon(async () => expect(refusedAt.length).toBeGreaterThan(0), { interval: 5 });
      // In the middle of the wait an environment is removed, as if nothing were.
      const [deleted] = await removal();
      expect((deleted?.at ?? Infinity) - (refusedAt[0] ?? 0)).toBeLessThan(7_000);
    };
  });

  expect(refusedAt).toHaveLength(4);
  for (const at of refusedAt) {
    // A call that had left before the refusal arrived may still come in, on a busy machine for a while; none that was sent after it.
    const early = made.filter((call) => guardrails.test(call.path) && call.at > at + 1_500 && call.at < at + 7_000);
    expect(early).toEqual([]);
  }
  // What was refused is the cluster's own doing; everything else may be half as much again.
  expect(made.length - refusedAt.length).toBeLessThanOrEqual(1.5 * undisturbed.length);
});

type Arrival = HttpCall & { readonly at: number };

/**
 * One environment is there; three are made at once, and the one is removed meanwhile; then all go. Returns the calls from then on.
 * `disturb` is called when the one is there, with what removes it and gives its deletions; what it returns runs while the three are made.
 */
async function threeComeOneGoes(
  { world, proxy }: Trouble,
  disturb: (removal: () => Promise<readonly Arrival[]>) => Promise<(() => Promise<void>) | void>,
): Promise<readonly Arrival[]> {
  const going = await world.repository.open({ head: 'going' });
  await world.untilTold(going, 'success: The environment is ready');
  const namespace = (await world.environments())[0]?.namespace ?? '';
  const arrivals: Arrival[] = [];
  proxy.rule({
    fate: (call) => {
      // Readiness and the metrics ask for the version whenever somebody looks.
      if (call.path !== '/version') arrivals.push({ ...call, at: performance.now() });
      return undefined;
    },
  });
  const removal = async (): Promise<readonly Arrival[]> => {
    await going.close();
    const deletions = () => arrivals.filter(({ method, path }) => method === 'DELETE' && path.includes(namespace));
    await soon(async () => expect(deletions()).not.toEqual([]), { interval: 5 });
    return deletions();
  };
  const meanwhile = (await disturb(removal)) ?? (async () => void (await removal()));
  const pulls = await Promise.all(['one', 'two', 'three'].map((head) => world.repository.open({ head })));
  await meanwhile();
  for (const pull of pulls) {
    await soon(async () => expect(told(pull)).toBe('success: The environment is ready'), { timeout: 150_000 });
  }
  await close(world, ...pulls);
  await soon(async () => expect(told(going)).toBe('success: Removed'));
  return [...arrivals];
}

test.concurrent('case 9: while the API server is down readiness is red and says why, the server stays up, and afterwards all is done soon', async () => {
  await using trouble = await startTrouble();
  const { world, proxy } = trouble;
  const removed = await world.repository.open({ head: 'removed-meanwhile' });
  await world.untilTold(removed, 'success: The environment is ready');
  const before = await world.until('ready');

  await proxy.down();
  await soon(async () => expect(await readiness(world)).toMatchObject({ status: 503, cluster: /./ }), {
    timeout: 10_000,
  });
  expect((await readiness(world)).cluster).toMatch(/does not answer|no answer/);
  const opened = await world.repository.open({ head: 'opened-meanwhile' });
  await removed.close();
  await soon(
    async () => {
      const shown = await world.environments();
      expect(shown.map(({ status }) => status)).toEqual(['provisioning', 'destroying']);
      // People see what holds it up, and that it is nobody's fault of theirs.
      expect(shown.map(({ reason }) => reason)).toEqual(['kube.unreachable', 'kube.unreachable']);
    },
    { timeout: 90_000 },
  );
  expect((await fetch(`${world.server.url}/health`)).status).toBe(200);

  const watches = () => proxy.calls.filter(({ path }) => watching.test(path)).length;
  const watchesBefore = watches();
  await proxy.up();
  const backAt = performance.now();
  await soon(async () => expect(watches()).toBeGreaterThan(watchesBefore), { timeout: 45_000 });
  await soon(async () => expect(told(opened)).toBe('success: The environment is ready'), { timeout: 180_000 });
  await soon(async () => expect(told(removed)).toBe('success: Removed'), { timeout: 180_000 });
  expect(performance.now() - backAt).toBeLessThan(180_000);
  expect((await readiness(world)).status).toBe(200);
  const left = await ownNamespaces(world);
  expect(left.items.map(({ metadata }) => metadata.name)).not.toContain(before.namespace);
  expect(left.items).toHaveLength(1);
});

async function readiness({ server }: World): Promise<{ status: number; cluster: string }> {
  const answer = await fetch(`${server.url}/health/ready`);
  const { checks } = (await answer.json()) as { checks: { cluster: string } };
  return { status: answer.status, cluster: checks.cluster };
}

const expired =
  '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}}\n';

test.concurrent('410 on the watch: it lists again, and notices what happens from then on', async () => {
  await using trouble = await startTrouble();
  const { world, proxy } = trouble;
  await world.repository.open({ head: 'feat/cart' });
  const { namespace } = await world.until('ready');
  using lost = proxy.rule({ path: watching, times: 2, fate: { status: 200, body: expired } });
  proxy.cutStreams();
  await soon(async () => expect(lost.hits()).toBe(2));
  await deletedByHand(trouble, namespace);
});

test.concurrent('a namespace that is deleted by hand while the watch is cut is noticed as soon as the watch is back', async () => {
  await using trouble = await startTrouble();
  const { world, proxy } = trouble;
  await world.repository.open({ head: 'feat/cart' });
  const { namespace, id } = await world.until('ready');
  const list = proxy.rule({ path: namespaceList, fate: starting });
  const stream = proxy.rule({ path: watching, fate: starting });
  proxy.cutStreams();
  await list.reached;
  await kubectl(['delete', 'namespace', namespace, '--wait=true', '--timeout=60s']);
  expect((await world.environments())[0]).toMatchObject({ id, status: 'ready' });

  list[Symbol.dispose]();
  stream[Symbol.dispose]();
  await madeAgain(world, namespace);
});

test.concurrent('a stale list, from before there was anything of ours, takes nothing away', async () => {
  await using trouble = await startTrouble();
  const { world, proxy } = trouble;
  const pull = await world.repository.open({ head: 'feat/cart' });
  await world.untilTold(pull, 'success: The environment is ready');
  const before = await ownNamespaces(world);
  const namespace = (await world.environments())[0]?.namespace ?? '';

  const empty = { apiVersion: 'v1', kind: 'NamespaceList', metadata: { resourceVersion: '1' }, items: [] };
  using stale = proxy.rule({ path: namespaceList, times: 3, fate: { status: 200, body: empty } });
  const looked = proxy.rule({ method: 'GET', path: `/api/v1/namespaces/${namespace}`, fate: 'forward' });
  proxy.cutStreams();
  await stale.reached;
  // The list is no proof: whether the namespace is there is asked of the namespace itself.
  await looked.answered;
  await pull.push({ 'cart.js': '2' });
  await world.untilTold(pull, 'success: The environment is ready');
  expect(await ownNamespaces(world)).toMatchObject({
    items: before.items.map(({ metadata: { uid } }) => ({ metadata: { uid } })),
  });
  expect(pull.view().statuses.map(({ state }) => state)).not.toContain('failure');
});

test.concurrent('a watch that has gone silent holds up no removal', async () => {
  await using trouble = await startTrouble();
  const { world, proxy } = trouble;
  const pull = await world.repository.open({ head: 'feat/cart' });
  await world.untilTold(pull, 'success: The environment is ready');
  proxy.freezeStreams();
  await close(world, pull);
});

test.concurrent('case 4: closed before opened was finished on a slow API: nothing is left, and GitHub shows Removed', async () => {
  await using trouble = await startTrouble();
  const { world, proxy } = trouble;
  proxy.rule({
    path: /\/namespaces/,
    method: ['GET', 'PATCH'],
    fate: (call) => (watching.test(call.path) ? undefined : { delayMs: 1_500 }),
  });
  const pull = await world.repository.open({ head: 'feat/cart' });
  await soon(async () => expect((await ownNamespaces(world)).items).toHaveLength(1));
  expect(told(pull)).not.toContain('ready');
  await pull.close();
  const closedAt = performance.now();
  await soon(async () => expect(told(pull)).toBe('success: Removed'), { timeout: 170_000 });
  expect(performance.now() - closedAt).toBeLessThan(180_000);
  expect((await ownNamespaces(world)).items).toEqual([]);
  expect(await world.server.leftovers()).toEqual([]);
  expect(pull.view().statuses.map(({ description }) => description)).not.toContain('The environment is ready');
});

test.concurrent.each([
  [
    'a quota of the cluster',
    'resourcequotas "environment" is forbidden: exceeded quota: objects, requested: count/resourcequotas=1',
    'kube.quota_exceeded',
  ],
  ['an admission webhook', 'admission webhook "guard.example" denied the request: not today', 'kube.admission_denied'],
])(
  'what %s refuses is shown with its reason where people look, and the next push tries again',
  async (_who, message, code) => {
    await using trouble = await startTrouble();
    const { world, proxy } = trouble;
    const refusal = proxy.rule({
      method: 'PATCH',
      path: /\/resourcequotas\//,
      fate: status(403, 'Forbidden', message),
    });
    const pull = await world.repository.open({ head: 'feat/cart' });
    const failed = await world.until('failed');
    expect(failed).toMatchObject({ reason: code, error_message: expect.stringContaining(message) });
    await world.untilTold(pull, 'failure');
    expect(refusal.hits()).toBe(1);

    refusal[Symbol.dispose]();
    await pull.push({ 'cart.js': '2' });
    await world.untilTold(pull, 'success: The environment is ready');
  },
);

test.concurrent('an API that the cluster does not know is said to be missing, and nothing is taken for gone', async () => {
  await using trouble = await startTrouble();
  const { world, proxy } = trouble;
  const pull = await world.repository.open({ head: 'feat/cart' });
  const { namespace } = await world.until('ready');
  await world.untilTold(pull, 'success: The environment is ready');
  const unknown = {
    status: 404,
    headers: { 'audit-id': 'a', 'content-type': 'text/plain' },
    body: '404 page not found\n',
  };
  const missing = proxy.rule({ method: 'GET', path: `/api/v1/namespaces/${namespace}`, fate: unknown });
  await pull.close();
  await soon(async () =>
    expect((await world.environments())[0]).toMatchObject({ status: 'destroying', reason: 'kube.unknown_kind' }),
  );
  expect((await ownNamespaces(world)).items).toHaveLength(1);

  missing[Symbol.dispose]();
  await soon(async () => expect(told(pull)).toBe('success: Removed'));
  expect((await ownNamespaces(world)).items).toEqual([]);
});

async function deletedByHand({ world }: Trouble, namespace: string): Promise<void> {
  await kubectl(['delete', 'namespace', namespace, '--wait=true', '--timeout=60s']);
  await madeAgain(world, namespace);
}

/** Empty, in the same environment, and people were told. */
async function madeAgain(world: World, namespace: string): Promise<void> {
  await soon(async () =>
    expect((await ownNamespaces(world)).items.map(({ metadata }) => metadata.name)).toEqual([namespace]),
  );
  await world.until('ready');
  const id = (await world.environments())[0]?.id ?? 0;
  const events = await world.api<{ message: string | null }[]>(`/api/v1/environments/${id}/events`);
  expect(events.map(({ message }) => message ?? '').join('\n')).toContain(
    `Somebody deleted the namespace ${namespace}`,
  );
}
