import { FromBrowser } from '../errors.ts';
import type { FastifyInstance } from 'fastify';
import { faultsInput } from '../faults/input.ts';
import { limitInput } from '../rate-limit.ts';
import { writeView } from '../traffic.ts';
import { parseInput } from './input.ts';
import type { Deliveries } from '../deliveries.ts';
import type { Faults } from '../faults/faults.ts';
import type { Budget } from '../rate-limit.ts';
import type { Traffic } from '../traffic.ts';
import type { AccountAction, Control, PullAction, RepositoryAction } from './control.ts';

const repository = '/_control/repositories/:owner/:name';
const pull = `${repository}/pulls/:number`;
const pullActions: readonly PullAction[] = ['push', 'close', 'reopen', 'edit', 'delete-comment'];
const repositoryActions: readonly RepositoryAction[] = ['rename', 'transfer', 'remove'];
const accountActions: readonly AccountAction[] = ['suspend', 'unsuspend', 'remove', 'install', 'permissions'];

export interface ControlParts {
  readonly control: Control;
  readonly deliveries: Deliveries;
  readonly faults: Faults;
  readonly budget: Budget;
  readonly traffic: Traffic;
}

type Params = Record<string, string>;

/** The control API over HTTP: documented in the README. */
export function serveControl(server: FastifyInstance, parts: ControlParts): void {
  const { control, deliveries } = parts;
  // A page in a browser on the same machine could open a pull request whose files the server then builds and runs.
  server.addHook('onRequest', async ({ url, headers }) => {
    if (url.startsWith('/_control') && headers.origin !== undefined) throw new FromBrowser({});
  });

  server.get('/_control/health', async () => ({ status: 'ok' }));
  server.get('/_control/repositories', async () => control.repositories());
  server.post('/_control/repositories', async ({ body }, reply) =>
    reply.code(201).send(control.createRepository(body)),
  );
  server.post('/_control/repositories/:owner/:name/pulls', async ({ params, body }, reply) => {
    const { owner = '', name = '' } = params as Params;
    const { number, head } = control.open(owner, name, body);
    return reply.code(201).send({ number, head });
  });
  server.get(pull, async ({ params }) => control.view(addressOf(params)));
  for (const action of pullActions) {
    server.post(`${pull}/${action}`, async ({ params, body }) => control.act(addressOf(params), action, body));
  }
  for (const action of repositoryActions) {
    server.post(`${repository}/${action}`, async ({ params, body }) =>
      control.actOnRepository(addressOf(params), action, body),
    );
  }
  server.post(`${repository}/runs`, async ({ params, body }, reply) =>
    reply.code(201).send(control.startRun(addressOf(params), body)),
  );
  server.post('/_control/oidc/rotate', async ({ body }) => {
    await control.rotateKeys(body);
    return { status: 'rotated' };
  });
  server.get('/_control/installations', async () => control.installations());
  for (const action of accountActions) {
    server.post(`/_control/installations/:owner/${action}`, async ({ params, body }) =>
      control.actOnInstallation(addressOf(params).owner, action, body),
    );
  }
  server.post('/_control/tokens/revoke', async () => {
    control.revokeTokens();
    return { status: 'revoked' };
  });
  serveTrouble(server, parts);
  server.get('/_control/deliveries', async () => deliveries.list());
  server.post('/_control/deliveries/:id/redeliver', async ({ params }) =>
    control.redeliver((params as Params)['id'] ?? ''),
  );
  server.post('/_control/ping', async () => control.ping());
}

/** What can go wrong on purpose, and what was asked of the API meanwhile. */
function serveTrouble(server: FastifyInstance, { faults, budget, traffic }: ControlParts): void {
  server.get('/_control/faults', async () => faults.list());
  server.put('/_control/faults', async ({ body }) => {
    faults.set(parseInput(faultsInput, body));
    return faults.list();
  });
  server.delete('/_control/faults', async () => {
    faults.set([]);
    return faults.list();
  });
  server.put('/_control/limit', async ({ body }) => {
    budget.limit(parseInput(limitInput, body));
    return { status: 'limited' };
  });
  server.delete('/_control/limit', async () => {
    budget.lift();
    return { status: 'lifted' };
  });
  server.get('/_control/requests', async () => traffic.requests());
  server.get('/_control/writes', async () => traffic.writes().map(writeView));
}

function addressOf(params: unknown) {
  const { owner = '', name = '', number = '' } = params as Params;
  return { owner, name, number };
}
