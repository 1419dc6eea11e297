import { FromBrowser } from '../errors.ts';
import type { FastifyInstance } from 'fastify';
import type { Deliveries } from '../deliveries.ts';
import type { Control, PullAction } from './control.ts';

const pull = '/_control/repositories/:owner/:name/pulls/:number';
const actions: readonly PullAction[] = ['push', 'close', 'reopen', 'edit'];

type Params = Record<string, string>;

/** The control API over HTTP: documented in the README. */
export function serveControl(server: FastifyInstance, control: Control, deliveries: Deliveries): void {
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
  for (const action of actions) {
    server.post(`${pull}/${action}`, async ({ params, body }) => control.act(addressOf(params), action, body));
  }
  server.get('/_control/deliveries', async () => deliveries.list());
  server.post('/_control/deliveries/:id/redeliver', async ({ params }) =>
    control.redeliver((params as Params)['id'] ?? ''),
  );
  server.post('/_control/ping', async () => control.ping());
}

function addressOf(params: unknown) {
  const { owner = '', name = '', number = '' } = params as Params;
  return { owner, name, number };
}
