import { defineError } from '@ephemera/model';
import type { FastifyInstance } from 'fastify';
import { pageHeaders } from '../page.ts';
import type { Database } from '../store/database.ts';
import { environmentByHost } from '../store/environments.ts';
import { environmentPage, unknownHostPage } from './environment-page.ts';
import { classifyHost } from './host.ts';

export const HostUnknown = defineError<{ host: string }>({
  code: 'host.unknown',
  retryable: false,
  message: ({ host }) => `This server does not answer to the name ${JSON.stringify(host)}.`,
  hint: 'Ask it by address, as localhost, or under BASE_DOMAIN.',
});

/** Registered before every route: the Host header decides first, so an environment's host never reaches the server's own paths. */
export function gateway(app: FastifyInstance, { db, baseDomain }: { db: Database; baseDomain: string }): void {
  app.addHook('onRequest', async (request, reply) => {
    const target = classifyHost(request.headers.host, baseDomain);
    // Webhooks come under the name of whatever tunnel or proxy brings them, and are signed.
    if (target.kind === 'server' || (target.kind === 'unknown' && request.url === '/webhooks/github')) return;
    if (target.kind === 'unknown') throw new HostUnknown({ host: request.headers.host ?? '' });
    const environment = await environmentByHost(db, target.host);
    const { status, body, headers } = environment ? environmentPage(environment) : unknownHostPage();
    return reply
      .code(status)
      .headers({ ...pageHeaders, ...headers })
      .send(body);
  });
}
