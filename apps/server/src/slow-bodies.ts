import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BodyTooSlow } from './intake/errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body may take long: a large file comes as fast as the network lets it. */
    slowBody?: true;
  }
}

export const slowBody = { slowBody: true } as const;

/**
 * The deadline for a whole request, which Node knows for all routes or for none. Registered before every other hook: also a request that
 * is refused before its body is read has to end at some time.
 */
export function endSlowBodies(app: FastifyInstance, deadlineMs: number): void {
  const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>();
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0;
    if (!hasBody) {
      done();
      return;
    }
    const timer = setTimeout(() => {
      if (raw.complete || raw.destroyed) return;
      const { message, code, hint, retryable } = new BodyTooSlow({ seconds: deadlineMs / 1000 });
      // Its connection goes with it.
      if (reply.raw.headersSent) raw.destroy();
      else {
        reply.raw.on('finish', () => raw.destroy());
        void reply.code(408).header('connection', 'close').send({ error: message, code, hint, retryable });
      }
    }, deadlineMs).unref();
    timers.set(request, timer);
    raw.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
    done();
  });
  // Who has come so far was not refused: a body of somebody without a token gets no longer time, whatever route it names.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.routeOptions.config.slowBody === true) clearTimeout(timers.get(request));
    done(null, payload);
  });
}
