import type { FastifyBaseLogger } from 'fastify';
import { levels } from 'pino';

/**
 * For what Fastify itself says: its line that the server listens comes beside ours and says less. Errors still get through.
 * Requests take the real log, by `childLoggerFactory`.
 */
export function quiet(log: FastifyBaseLogger): FastifyBaseLogger {
  const { level } = log as { readonly level: string };
  const wanted = levels.values[level] ?? Number.POSITIVE_INFINITY;
  return wanted < Number(levels.values['warn']) ? log.child({}, { level: 'warn' }) : log;
}
