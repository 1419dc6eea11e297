import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject, validatorCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { anyToken } from '../tokens/access.ts';
import { operation } from './operation.ts';

const information = {
  title: 'Ephemera',
  version: '1',
  description:
    'Environments for pull requests. Everything below /api/ and /metrics needs a token: `npx ephemera token create`. Every refusal has the shape of a Problem.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

/**
 * Requests are held against the schemas of their routes, and the description is made of the same schemas. Answers are not held against
 * them here: one that differed would become a 500 for its reader. The tests hold every answer against the description instead.
 */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: information,
      tags: [
        { name: 'environments', description: 'What pull requests have' },
        { name: 'sweeps', description: 'Finding what the server was never told' },
        { name: 'pull-request jobs', description: 'Jobs that build the image of a pull request' },
        { name: 'sandboxes', description: 'Short-lived containers to run commands in' },
        { name: 'server', description: 'How the server is' },
        { name: 'webhooks', description: 'What GitHub sends' },
      ],
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description:
              'A token of `npx ephemera token create`. The names beside it are the scopes that it needs; `admin` has all of them.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document)),
  });
}

export async function openapiRoute(app: FastifyInstance): Promise<void> {
  app.get(
    '/api/openapi.json',
    operation({
      id: 'getDescription',
      tag: 'server',
      summary: 'This description',
      access: anyToken,
      answers: { 200: { means: 'OpenAPI 3.1.', holds: z.record(z.string(), z.unknown()) } },
    }),
    async () => app.swagger(),
  );
}

type Description = ReturnType<SwaggerTransformObject>;

/** The provider names each schema twice, as what is sent and as what is answered; ours are only ever one of them. */
function withoutUnused(description: Description): Description {
  const { components = {} } = description as { components?: { schemas?: Record<string, unknown> } };
  const text = JSON.stringify(description);
  const schemas = Object.fromEntries(
    Object.entries(components.schemas ?? {}).filter(([name]) => text.includes(`"#/components/schemas/${name}"`)),
  );
  return { ...description, components: { ...components, schemas } } as Description;
}
