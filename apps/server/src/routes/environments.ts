import { defineError } from '@ephemera/model';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Database } from '../store/database.ts';
import { deploymentsOf } from '../store/deployments.ts';
import { environmentById, environmentByNamespace, listEnvironments } from '../store/environments.ts';
import { timeline } from '../store/events.ts';
import type { Environment } from '../store/schema.ts';
import { snakeCase } from './snake-case.ts';

const EnvironmentNotFound = defineError<{ what: string }>({
  code: 'environment.not_found',
  retryable: false,
  message: ({ what }) => `There is no environment ${what}.`,
  hint: 'GET /api/v1/environments lists them.',
});

const RequestInvalid = defineError<{ problem: string }>({
  code: 'request.invalid',
  retryable: false,
  message: ({ problem }) => `The request cannot be used: ${problem}.`,
});

const listQuery = z.strictObject({
  repository: z
    .string()
    .regex(/^[^/\0]+\/[^/\0]+$/, 'must be owner/name')
    .optional(),
  active_only: z.enum(['true', 'false']).default('false'),
});
const largestId = 2_147_483_647;

/** The read side: what there is, newest first. */
export async function environmentRoutes(app: FastifyInstance, { db }: { db: Database }): Promise<void> {
  app.get('/api/v1/environments', async (request) => {
    const query = listQuery.safeParse(request.query);
    if (!query.success) {
      throw new RequestInvalid({
        problem: query.error.issues.map(({ path, message }) => `${path.join('.') || 'query'}: ${message}`).join('; '),
      });
    }
    const rows = await listEnvironments(db, {
      repository: query.data.repository,
      activeOnly: query.data.active_only === 'true',
    });
    return rows.map(toAnswer);
  });

  app.get<{ Params: { id: string } }>('/api/v1/environments/:id', async (request) =>
    toAnswer(await byId(db, request.params.id)),
  );

  app.get<{ Params: { namespace: string } }>('/api/v1/environments/namespace/:namespace', async (request) => {
    const { namespace } = request.params;
    const found = await environmentByNamespace(db, namespace.slice(0, 253).replaceAll('\0', ''));
    if (!found) throw new EnvironmentNotFound({ what: `with the namespace ${namespace}` });
    return toAnswer(found);
  });

  app.get<{ Params: { id: string } }>('/api/v1/environments/:id/events', async (request) => {
    const environment = await byId(db, request.params.id);
    return (await timeline(db, environment.id)).map(snakeCase);
  });

  app.get<{ Params: { id: string } }>('/api/v1/environments/:id/deployments', async (request) => {
    const environment = await byId(db, request.params.id);
    return (await deploymentsOf(db, environment.id)).map(snakeCase);
  });
}

async function byId(db: Database, text: string): Promise<Environment> {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  const found = id <= largestId ? await environmentById(db, id) : undefined;
  if (!found) throw new EnvironmentNotFound({ what: text });
  return found;
}

/** Every column but the owner, and nothing of what only the work needs. */
function toAnswer(environment: Environment): Record<string, unknown> {
  const { ownerId: _owner, wantedState: _state, wantedSha: _sha, ...shown } = environment;
  return snakeCase(shown);
}
