import type { FastifyReply } from 'fastify';

/** Begins an answer that comes bit by bit, written past Fastify from then on. */
export function beginAnswer(
  reply: FastifyReply,
  contentType: string,
  more: Readonly<Record<string, string | number>> = {},
): void {
  reply.hijack();
  reply.raw.writeHead(200, {
    'content-type': contentType,
    'cache-control': 'no-store',
    // What somebody else wrote is nobody's page.
    'x-content-type-options': 'nosniff',
    // Proxies that gather an answer would hold back what is live.
    'x-accel-buffering': 'no',
    ...more,
  });
  reply.raw.flushHeaders();
}
