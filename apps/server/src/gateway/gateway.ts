import type { FastifyInstance } from 'fastify';
import { pageHeaders } from '../page.ts';
import type { Database } from '../store/database.ts';
import { environmentByHost } from '../store/environments.ts';
import { environmentPage, unknownHostPage } from './environment-page.ts';
import { classifyHost } from './host.ts';

/** Registered before every route: the Host header decides first, so an environment's host never reaches the server's own paths. */
export function gateway(app: FastifyInstance, { db, baseDomain }: { db: Database; baseDomain: string }): void {
  app.addHook('onRequest', async (request, reply) => {
    const target = classifyHost(request.headers.host, baseDomain);
    if (target.kind === 'server') return;
    const environment = await environmentByHost(db, target.host);
    const { status, body, headers } = environment ? environmentPage(environment) : unknownHostPage();
    return reply
      .code(status)
      .headers({ ...pageHeaders, ...headers })
      .send(body);
  });
}
