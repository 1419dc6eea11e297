import { z } from 'zod';
import { needs, open } from '../tokens/access.ts';
import { operation } from './operation.ts';

/** How the routes of the server itself are described; each stands in a file of its own. */
const readiness = z.object({
  status: z.enum(['ready', 'unavailable']),
  checks: z.record(z.string(), z.string()).describe('For each part `ok`, or what is wrong with it.'),
});
const page = { holds: z.string(), type: 'text/html' };

export const healthOperation = operation({
  id: 'getHealth',
  tag: 'server',
  summary: 'Whether the process runs, whatever else does not',
  access: open,
  answers: { 200: { means: 'It runs.', holds: z.object({ status: z.literal('ok') }) } },
});

export const readyOperation = operation({
  id: 'getReadiness',
  tag: 'server',
  summary: 'Whether the server can do its work',
  access: open,
  answers: {
    200: { means: 'It can.', holds: readiness },
    503: { means: 'It cannot; `checks` has the reason for each part.', holds: readiness },
  },
});

export const statusPageOperation = operation({
  id: 'getStatusPage',
  tag: 'server',
  summary: 'A page for people: how the server is. It names no repository',
  access: open,
  answers: {
    200: { means: 'The server is ready.', ...page },
    503: { means: 'The server is not ready.', ...page },
  },
});

export const metricsOperation = operation({
  id: 'getMetrics',
  tag: 'server',
  summary: 'Figures in the Prometheus text format',
  access: needs('environments:read', 'everything', { remembers: true }),
  answers: { 200: { means: 'The figures.', holds: z.string(), type: 'text/plain' } },
});

const delivered = z.object({
  status: z.enum(['accepted', 'duplicate', 'ignored']),
  delivery_id: z.string(),
  event: z.string(),
  action: z.string().optional(),
  reason: z.string().optional().describe('Why it is ignored.'),
});

export const webhookOperation = {
  ...operation({
    id: 'receiveWebhook',
    tag: 'webhooks',
    summary: 'A delivery of GitHub’s, signed with the webhook secret',
    description:
      'It is recorded and worked on afterwards. A delivery that was seen before has the pull request looked at once more.',
    access: open,
    headers: z.object({
      'x-github-event': z.string(),
      'x-github-delivery': z.string(),
      'x-hub-signature-256': z.string().describe('sha256= and the HMAC of the body, in hexadecimal.'),
    }),
    body: z.record(z.string(), z.unknown()).describe('The event, as GitHub describes it.'),
    answers: {
      200: { means: 'The answer to a ping.', holds: z.object({ status: z.literal('pong') }) },
      202: { means: 'It is recorded.', holds: delivered },
    },
    refusals: {
      400: 'A header is missing.',
      401: 'The signature is wrong.',
      408: 'The body does not come to its end.',
      413: 'The body is larger than 5 MB.',
      415: 'The body is compressed, or not application/json.',
      422: 'It is signed, but cannot be understood.',
      503: 'The server has no GitHub App, too much is sent to it at once, or the database does not answer.',
    },
  }),
  // The signature is over the bytes, so they have to reach the handler as they came.
  validatorCompiler: () => (value: unknown) => ({ value }),
};
