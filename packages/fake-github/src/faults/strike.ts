import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '../refusal.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Effects } from './input.ts';

/** Lets a fault happen to a request before it is looked at. True: it is answered, or never will be. */
export async function strikeRequest(
  { delayMs, status, headers = {}, body, reset }: Effects,
  request: FastifyRequest,
  reply: FastifyReply,
  stopping: AbortSignal,
): Promise<boolean> {
  if (delayMs !== undefined) await sleep(delayMs, undefined, { signal: stopping });
  if (reset) {
    breakOff(request, reply);
    return true;
  }
  if (status === undefined) return false;
  reply.code(status).headers(headers);
  if (body === undefined) await reply.send(new Refusal(status, usualMessage(status, headers)).body());
  else await (typeof body === 'string' ? reply.send(body) : reply.type('application/json').send(JSON.stringify(body)));
  return true;
}

/** Ends the connection without an answer. */
export function breakOff(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.resetAndDestroy();
}

function usualMessage(status: number, headers: Readonly<Record<string, string>>): string {
  const limits = status === 403 || status === 429;
  const waits = Object.keys(headers).some((name) => name.toLowerCase() === 'retry-after');
  if (limits && waits)
    return 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  return status === 403 ? 'Resource not accessible by integration' : `The fake was asked to answer ${status}`;
}
